"""Traces of a scheduler as scenarios: what each thread computed, and for what it waited.

events      what a line of a trace says
text_lines  the lines that ftrace, trace-cmd and perf script write
json_stream, chrome  traces as Chrome and Perfetto write them, read piece by piece
threads     events become the steps of each thread
from_trace  the steps become a scenario
"""
