"""Where models answer: vendors and the built-in ones, one file each."""
