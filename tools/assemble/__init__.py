"""From ranked passages to those that a model reads: nothing twice, within a budget, whole, in a good order."""
