"""Files that the commands read and write, each within limits and never half done."""
