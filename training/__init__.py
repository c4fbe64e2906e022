"""Training of the small models that ship with Kairos: run by hand, never at run time."""
