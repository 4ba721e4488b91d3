"""Mentions become entities: canonical names, and which names are one person's."""
