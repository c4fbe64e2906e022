"""Personal data: found, named, taken out and put back."""
