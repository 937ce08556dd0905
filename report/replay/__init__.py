"""A run from instant to instant: step by step, played, or while it is under way."""
