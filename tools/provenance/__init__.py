"""Whether a tool call does what its user asked for, or what a text that the model read asked for."""
