"""Afternote, the application."""
