"""The rows of an experiment: in memory, and in a file that a later run can continue."""
