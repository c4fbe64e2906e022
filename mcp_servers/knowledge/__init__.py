"""Search, read and cite the documents that the caller may see."""
