"""Alembic's environment: run by `storage.migrate`, never by hand."""
