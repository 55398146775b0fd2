"""Afternote's own database."""
