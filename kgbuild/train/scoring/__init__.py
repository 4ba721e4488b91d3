"""Predictions beside what annotators say: matches, figures, protocols."""
