"""The HTTP service: the card's API, ``/v1`` over a graph, and the explorer's files."""
