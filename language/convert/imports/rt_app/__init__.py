"""Workloads of rt-app (github.com/scheduler-tools/rt-app, doc/tutorial.txt) as scenarios."""
