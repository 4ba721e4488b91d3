"""Kinship stated by words of kinship: patterns beside the network."""
