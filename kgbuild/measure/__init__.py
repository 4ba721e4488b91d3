"""Embedders measured by published protocols."""
