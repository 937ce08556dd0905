"""The policy that a scenario names: its class, its parameters, and the limits of its code."""
