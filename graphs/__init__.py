"""The machines: wiring only, one a file."""
