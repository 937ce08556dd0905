"""What a person looks at: charts, tables and sentences about a run or a comparison.

Nothing in here decides or measures: it reads the record (`timeline/`) and draws it.
"""
