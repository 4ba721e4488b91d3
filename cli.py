"""Run kgbuild from a checkout: ``python cli.py --help``."""

from kgbuild.cli import main

if __name__ == "__main__":
    main()
