"""The models of a scenario file: one model per mapping, one type per value."""
