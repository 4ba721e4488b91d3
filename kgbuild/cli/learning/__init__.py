"""Commands that measure, train and fetch models."""
