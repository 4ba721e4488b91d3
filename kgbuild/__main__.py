"""Where the command line begins: ``kgbuild``, ``python cli.py`` or ``python -P -m kgbuild``.

Without ``-P`` Python itself puts the working folder before all others and imports some of its own
modules from there, before a line of this file runs.
"""

from __future__ import annotations

from kgbuild.launch import forget_working_folder, hide_passwords


def main() -> None:
    """Run the command line, with nothing imported from the working folder."""
    forget_working_folder()
    hide_passwords()
    from kgbuild.cli import main as run

    run()


if __name__ == "__main__":
    main()
