"""Native runs, which the operating system schedules: what is measured, and what must hold."""
