"""Weights: what is known, where it lies, how it loads."""
