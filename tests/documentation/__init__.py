"""What makes the documentation's site, but for Sphinx itself."""
