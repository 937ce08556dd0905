"""The kinds of questions. `table.KINDS` has all of them by the key that asks for them."""
