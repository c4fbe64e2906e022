"""The composition root: command line, server hooks, web page."""
