"""The record of a run: intervals, metrics, jobs and memory events."""
