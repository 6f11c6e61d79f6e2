"""Starts the parts of a studio, restarts what dies, stops everything together. Imports no Django."""
