"""What it and its page say to each other.

`../README.md` says who speaks when. ``tools/play_messages.py`` writes the page's types from these files: fields are
only bool, int, float, str, None, lists, dicts and dataclasses of these files.
"""

from __future__ import annotations

from descend.play.messages.from_page import Ask, Edit, Hello, Run, Set, Taken, Travel
from descend.play.messages.from_python import (
    Bounds,
    Choice,
    Experiment,
    File,
    GradientCheck,
    Lesson,
    Numbers,
    Picture,
    Refused,
    Round,
    Said,
    Step,
    Welcome,
)
from descend.play.messages.settings import Settings

__all__ = [
    "Ask",
    "Bounds",
    "Choice",
    "Edit",
    "Experiment",
    "File",
    "GradientCheck",
    "Hello",
    "Lesson",
    "Numbers",
    "Picture",
    "Refused",
    "Round",
    "Run",
    "Said",
    "Set",
    "Settings",
    "Step",
    "Taken",
    "Travel",
    "Welcome",
]
