"""Rules for the words of pages, docstrings and messages: `make lint` runs them."""
