"""A run from instant to instant: by keys, played, or while it is under way."""
