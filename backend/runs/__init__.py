"""Runs: started here, worked on by any worker, told to any number of listeners."""
