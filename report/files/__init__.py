"""Results as files: pictures, traces, tables."""
