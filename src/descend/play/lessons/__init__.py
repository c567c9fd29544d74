"""Guided lessons: what is set, what to do, what should be seen; each a small data file."""

from descend.play.messages import Lesson


def lessons() -> list[Lesson]:
    """Return all lessons."""
    return []
