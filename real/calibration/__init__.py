"""What this machine needs for what a model does in no time, measured: `calibrate`."""
