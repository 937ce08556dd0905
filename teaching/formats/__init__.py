"""How marks are written: for a person, for a spreadsheet, for course systems."""
