"""The times of two runs: their differences, and the bursts and waits that must be as long."""
