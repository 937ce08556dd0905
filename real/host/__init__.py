"""What Linux tells a run and does for it: system calls, processors, privileges, processes."""
