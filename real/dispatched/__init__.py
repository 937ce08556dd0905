"""Real processes under our own dispatcher."""
