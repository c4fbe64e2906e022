"""What is remembered: graph states, identity, settings and the Postgres tables."""
