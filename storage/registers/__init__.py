"""What other registers know of the nodes."""
