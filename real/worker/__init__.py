"""The dispatched worker, and what workers of all kinds share: log, start, calls, locks, queues."""
