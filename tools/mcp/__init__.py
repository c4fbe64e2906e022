"""Tools that other people's servers offer over the Model Context Protocol; only `session` imports its library."""
