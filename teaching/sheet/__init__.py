"""The sheet of a student, and its solution, for a terminal, as Markdown and as HTML."""
