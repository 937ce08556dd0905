"""Why times differ: the price of dispatches, lost core time, noise, and chains of delays."""
