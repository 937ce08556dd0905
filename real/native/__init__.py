"""Real processes that the operating system schedules (`dispatch: none`)."""
