"""Files that the commands read, within limits, and write, wholly or not at all."""
