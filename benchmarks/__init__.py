"""One file per workload; ``python -m benchmarks [NAME ...]`` runs them and prints a table."""
