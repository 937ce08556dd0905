"""A run shown from instant to instant: by keys, played by the clock, or while it is under way."""
