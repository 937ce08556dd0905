"""The pages of docs/ and README.md: every block of code on them."""
