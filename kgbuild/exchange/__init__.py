"""What comes into the graph ready made, and the formats it comes in."""
