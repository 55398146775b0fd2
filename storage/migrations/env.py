"""Runs the steps on the connection that `storage.migrate` opened, inside its transaction."""

from alembic import context

from storage.models import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
