"""Documents: what is kept of each, and adding, moving and removing them."""
