"""Ways to say how good an answer is, one file each."""
