"""What the user gave, and the rows of an experiment: made ones, a bundled table, the user's own."""

from __future__ import annotations

from typing import Any, Protocol

from descend.play.messages import Settings
from descend.play.refused import SettingError
from descend.play.rows.made import CLASSICS, made_problem
from descend.play.rows.problem import Problem


class Source(Protocol):
    """What the user gave."""

    @property
    def words(self) -> str:
        """What it is, in words."""

    def problem(self, settings: Settings) -> Problem:
        """Return what is learnt from it."""


def source_of(given: Any, said: str = "") -> Source:
    """Read what the user gave."""
    raise NotImplementedError


def problem_of(settings: Settings, source: Source | None) -> Problem:
    """Return the rows of an experiment."""
    if settings.data in CLASSICS:
        return made_problem(settings.data, settings.samples, settings.noise, settings.seed)
    if settings.data == "own" and source is not None:
        return source.problem(settings)
    raise SettingError("data", "not yet")
