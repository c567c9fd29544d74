"""Guided lessons: what is set, what to do, what should be seen; each a small data file.

Their order is that of their files' names. A test runs each and looks whether what should be seen is there.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from descend.play.messages import Lesson


@lru_cache(maxsize=1)
def lessons() -> list[Lesson]:
    """Return all lessons, in their order.

    Examples
    --------
    >>> [one.name for one in lessons()][:3]
    ['forward', 'bias', 'loss']
    """
    paths = sorted(Path(__file__).parent.glob("*.json"))
    return [Lesson(**json.loads(path.read_text(encoding="utf-8"))) for path in paths]
