"""Runs on disk: written, streamed, read back, and held to limits and laws."""
