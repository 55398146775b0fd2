"""Data: formats, word lists."""
