"""Real processes that start, join and end each other, under our own dispatcher."""
