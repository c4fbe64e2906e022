"""What the Office formats share, and those of before 2007."""
