"""Postgres is the memory: pool, migrations, checkpoints, documents and search."""
