"""Was the same decided in both runs: orders, near ties, places, and what noise excuses."""
