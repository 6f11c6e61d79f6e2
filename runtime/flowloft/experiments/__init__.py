"""A flow measured with many settings: which can be tried, what each came to, which is best."""
