"""Charts, tables and sentences about a run or a comparison, for every output.

Nothing in this folder decides or measures: it reads the record (`timeline/`) and draws it.
"""
