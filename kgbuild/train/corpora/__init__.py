"""The development data: what it lies in and how it is annotated."""
