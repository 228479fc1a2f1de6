"""One module for each action of the console."""
