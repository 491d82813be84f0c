"""Start here: words on the command line run a command, none open the window."""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Run one command, or open the window, and return the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words:
        words = ["open"]
    try:
        from workstation.cli import run

        return run(words)
    except KeyboardInterrupt:  # before the command line could take care of it, or while it was doing so
        sys.stderr.write("Stopped.\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
