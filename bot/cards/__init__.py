"""Screens as plain data, and every sentence a person reads."""
