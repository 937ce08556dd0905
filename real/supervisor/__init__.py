"""What the supervisor does in every kind of real run: start workers, wait for them, reap them."""
