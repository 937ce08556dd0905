"""A program of the user's is run, or found by its pid, and watched until it ends.

command   the command: started when the watch is ready, ended with all that it has begun
poller    what /proc says every few milliseconds, without privilege
tracer    what the kernel traces of the command's threads, with root
watching  one watch from start to end
"""
