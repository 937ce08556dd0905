"""Real processes that start, join and end each other, stopped and continued by the supervisor."""
