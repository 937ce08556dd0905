"""Scenario files: lessons, textbook examples, workloads and experiments. There is no code here."""
