"""Arguments out of what a person wrote, by a tool's schema: no language model takes part."""
