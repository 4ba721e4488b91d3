"""Text → mentions and relations."""
