"""The parts of an output: charts, tables and sentences, each about one thing."""
