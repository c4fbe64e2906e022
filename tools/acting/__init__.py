"""What acting takes: agents and their rules, the tools at hand, and calls that have their effect once."""
