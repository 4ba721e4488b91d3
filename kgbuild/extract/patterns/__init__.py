"""What sentences state in so many words, read by patterns beside the network.

Of some relations the annotated examples are too few for the network, or it misses the plain
way of saying them. Lexico-syntactic patterns (Hearst 1992) over the words between found
mentions read those, by the cases and genders that pymorphy3 allows of a form.
"""
