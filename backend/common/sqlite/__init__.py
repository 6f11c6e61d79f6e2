"""Django's database engine for SQLite, with a queue for those who write."""
