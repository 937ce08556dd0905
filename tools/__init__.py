"""What works on the project itself: the documentation's site, and the rules for its words."""
