# PYTHON_ARGCOMPLETE_OK
"""`python -m ZmqLibrary COMMAND`, or `zmqlibrary COMMAND`.

Ctrl-C may come before anything is imported, so this imports nothing before it is ready for that.
"""

import sys


def main() -> int:
    """Runs the command of this process; returns the exit code."""
    try:
        from .frontends.interrupts import leave_when_interrupted

        leave_when_interrupted()
    except KeyboardInterrupt:
        return 130
    from .frontends.command_line import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
