"""The schedules of two runs: orders, near ties, places in memory, and what noise excuses."""
