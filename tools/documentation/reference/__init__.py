"""The pages that are made from the code: every key, every command, every policy."""
