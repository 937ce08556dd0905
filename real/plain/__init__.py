"""Programs that know nothing of Multiprog, run by themselves by a plain Python."""
