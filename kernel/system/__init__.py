"""The operating system of both machines: what happens at an instant, in which order."""
