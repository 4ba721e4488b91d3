"""Entries of Wikidata and of watch lists, and the names of the graph that they list."""
