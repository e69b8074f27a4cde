"""A listener that times the rounds of FOR loops without adding a keyword to them."""

import json
from pathlib import Path
from time import perf_counter


class Laps:
    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self, path):
        self.path = Path(path)
        self.laps = []

    def start_for_iteration(self, data, result):
        self.started = perf_counter()

    def end_for_iteration(self, data, result):
        self.laps.append(perf_counter() - self.started)

    def close(self):
        self.path.write_text(json.dumps(self.laps))
