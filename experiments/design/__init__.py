"""What an experiment is before it runs: its keys and values, its points, its seeds."""
