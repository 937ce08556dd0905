"""The forms of a scenario outside Multiprog."""
