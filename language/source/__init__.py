"""A scenario's text: read, parsed with positions, changed by options, held to limits."""
