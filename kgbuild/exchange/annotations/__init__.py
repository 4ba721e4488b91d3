"""Annotated documents of other programs, as if a model had found the annotations."""
