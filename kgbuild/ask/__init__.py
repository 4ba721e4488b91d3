"""Questions in Russian, answered from the graph with evidence, or not at all."""
