"""Compare two runs of one scenario: what is the same, what differs, and why."""
