"""Files that people hand to runs: pictures and documents of a chat."""
