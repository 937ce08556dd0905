"""What happened in a run: intervals, metrics, jobs and memory events."""
