"""The interface to Linux: system calls, processors, privileges, processes, the guardian."""
