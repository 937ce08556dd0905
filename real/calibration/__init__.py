"""The command `calibrate` measures how long this machine takes for what costs a model no time."""
