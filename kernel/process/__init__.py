"""A process: its program, its attributes, its control block and the states it is in."""
