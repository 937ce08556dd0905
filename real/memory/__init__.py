"""The real main memory of a run: partitions, the accesses of programs, the swapper."""
