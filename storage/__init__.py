"""Where the graph lives: the SQL store, its in-memory reference and the vector indexes.

In a checkout this folder is the package ``storage``; a wheel ships it as
``kgbuild.storage``. ``kgbuild.wiring`` finds it in either place.
"""
