"""The graph over the documents: nodes, entities, facts, and judgements of them."""
