"""What must be true of every run, whatever the policy decided."""
