"""Local engines, one file each."""
