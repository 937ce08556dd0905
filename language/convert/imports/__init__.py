"""Scenarios made from other forms: tables, course tools' lists, job logs, workloads, traces.

Each reader has its own file, `from_….py`. It returns a draft; the layout writes the draft as a
person would have written the scenario.
"""
