"""A scenario as the plain `multiprocessing` program that a student would have written."""
