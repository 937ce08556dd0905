"""The answer of an experiment on the terminal, as a picture and as a page."""
