"""The laws that the record of every run must obey, whatever the policy decided."""
