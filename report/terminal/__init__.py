"""The results that the commands print."""
