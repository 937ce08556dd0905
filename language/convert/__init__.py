"""What a scenario can become outside Multiprog."""
