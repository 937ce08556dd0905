"""What the supervisor does in every kind of real run: it starts workers, waits, and reaps them."""
