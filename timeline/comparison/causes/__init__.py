"""Why times differ: dispatches and their price, losses of cores, noise, chains of delays."""
