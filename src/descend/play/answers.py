"""What a page asks for, answered: a round, a gradient check, numbers of a node or an edge, a file."""

from __future__ import annotations

from typing import Any

from descend.play.experiment import Experiment
from descend.play.messages import Settings
from descend.play.pictures.picture import Painter, View
from descend.play.refused import SettingError
from descend.typing import Array


def answer(
    what: str, where: list[int], made: Experiment, painter: Painter, settings: Settings, view: View
) -> tuple[Any, dict[str, Array]]:
    """Return the message that answers, and its arrays."""
    raise SettingError("", f"{what} is not there yet.")
