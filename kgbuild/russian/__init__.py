"""Russian: morphology, folding, people's names, phrases, dates and numbers; ``data/`` for lists."""
