"""Training and evaluation on annotated documents."""
