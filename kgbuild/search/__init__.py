"""Search over passages: words, meaning and the graph, fused."""
