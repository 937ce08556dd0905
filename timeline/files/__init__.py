"""Runs on disk: written, streamed, read back, and checked against limits and laws."""
