"""ZeroMQ for Robot Framework.

The class is imported when it is asked for. So whatever else needs the package, such as the command line or
`ZmqLibrary.errors`, does not wait for Robot Framework.
"""

import sys

from .version import __version__

TYPE_CHECKING = False  # as type checkers have it: `typing` itself takes longer to import than all that is here

__all__ = ["ZmqLibrary", "__version__"]

if TYPE_CHECKING or "robot" in sys.modules:  # Robot Framework explains an import that fails, not an attribute
    from .library import ZmqLibrary
else:

    def __getattr__(name: str) -> object:
        if name != "ZmqLibrary":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from .library import ZmqLibrary

        globals()[name] = ZmqLibrary
        return ZmqLibrary

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
