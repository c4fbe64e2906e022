"""Tools that Kairos brings itself, one file a tool."""
