"""One file per strategy by which an agent uses its tools."""
