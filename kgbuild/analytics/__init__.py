"""The graph as others compute with it."""
