"""The parts of an output: charts, tables and sentences. Each module has one subject."""
