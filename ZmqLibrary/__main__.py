# PYTHON_ARGCOMPLETE_OK
"""`python -m ZmqLibrary COMMAND`."""

import sys

from .frontends.command_line import main

if __name__ == "__main__":
    sys.exit(main())
