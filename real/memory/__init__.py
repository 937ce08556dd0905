"""Physical memory of a real run: partitions, the programs' accesses, the swapper."""
