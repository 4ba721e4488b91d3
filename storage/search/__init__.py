"""Sentences by their words, and by what they mention."""
