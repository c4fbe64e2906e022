"""Ask, have tasks done, follow and stop them, and answer what waits for a person."""
