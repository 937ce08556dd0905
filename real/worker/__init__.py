"""What all workers have in common, whatever dispatches them."""
