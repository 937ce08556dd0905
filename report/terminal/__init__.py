"""The results of the commands, printed on a terminal."""
