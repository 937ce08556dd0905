"""What may be written in a scenario: one model per mapping, one type per value."""
