"""A listener that takes away what guards keywords against signals and against text from outside."""

import sys

from ZmqLibrary import ZmqLibrary  # noqa: F401 - so that all modules are there
from ZmqLibrary.waiting.hand import Hand
from ZmqLibrary.waiting.uninterrupted import Uninterrupted


class Unguarded:
    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self):
        Uninterrupted.__enter__ = Uninterrupted.__exit__ = lambda *_: None
        Hand.begin = Hand.hold = Hand.finish = lambda *_: None
        for module in [module for name, module in sys.modules.items() if name.startswith("ZmqLibrary.")]:
            for guard in {"printable", "written", "short_in_trace"} & set(vars(module)):
                setattr(module, guard, lambda value, *_: value)
