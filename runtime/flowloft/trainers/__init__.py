"""One file for each framework that fine-tunes."""
