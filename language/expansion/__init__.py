"""From a checked scenario to a workload: names, draws and repetitions written out."""
