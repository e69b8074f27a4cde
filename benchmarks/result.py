"""What a benchmark finds out."""

from __future__ import annotations

import operator
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One line of the table. Without a goal it is there for information."""

    name: str
    measured: float
    unit: str = ""
    goal: float | None = None
    at_least: bool = False

    @property
    def reached(self) -> bool:
        compare = operator.ge if self.at_least else operator.le
        return self.goal is None or compare(self.measured, self.goal)

    @property
    def cells(self) -> tuple[str, str, str, str]:
        if self.goal is None:
            return self.name, f"{self.measured:.3g} {self.unit}", "", ""
        bound = "at least" if self.at_least else "at most"
        return (
            self.name,
            f"{self.measured:.3g} {self.unit}",
            f"{bound} {self.goal:.3g} {self.unit}",
            "reached" if self.reached else "MISSED",
        )
