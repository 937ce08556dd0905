"""Real processes that the supervisor stops and continues as the policy decides."""
