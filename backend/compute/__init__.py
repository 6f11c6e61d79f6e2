"""Places to compute, and the jobs that were sent to them."""
