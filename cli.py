"""Run kgbuild from a checkout: ``python cli.py --help``."""

from kgbuild.__main__ import main

if __name__ == "__main__":
    main()
