"""Questions read by rule: wordings known word for word, plans of what to look up, their
execution. A second opinion beside the ranked candidates (``docs/decisions/040``)."""
