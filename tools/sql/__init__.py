"""SQL that others wrote: read before it is run."""
