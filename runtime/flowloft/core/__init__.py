"""The words that every room of the runtime shares. Imports nothing heavier than pydantic."""
