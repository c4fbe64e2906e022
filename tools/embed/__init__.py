"""Text embeddings: the interface and the choice in `embedder`, one file a backend."""
