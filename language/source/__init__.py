"""The text of a scenario: it is read, parsed with positions, changed by options, and limited."""
