"""What is measured in one replication: names, the window of time, and the values."""
