"""Stores of texts, one file each."""
