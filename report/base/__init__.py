"""What every output needs: the time axis, cells, labels, colours, the console, tables."""
