"""The scheduling policy that a scenario names: found, its parameters read, its code confined."""
