"""Paths → documents → sentences."""
