"""Did it take as long: differences of times, and the pieces of a life that must be alike."""
