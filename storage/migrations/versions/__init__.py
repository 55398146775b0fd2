"""The schema's history, a file a step. A published step is never changed."""
