"""A smaller embedder that learns from a larger one."""
