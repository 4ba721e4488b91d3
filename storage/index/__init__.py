"""Indexes of the vectors: exact, and approximate ones in files of their own."""
