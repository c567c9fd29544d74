"""A model in a format, before it stands anywhere: its files, and how they are run."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from descend.exports.described import Answers
from descend.exports.rows import ProofRows


class NotProvedError(Exception):
    """What an export would be run by is not there; says what, as in "no C compiler is found"."""


@dataclass(frozen=True, eq=False)
class Written:
    """A model in a format, before it stands anywhere.

    Parameters
    ----------
    files : dict of str to bytes
        By the name of the file, without folders; the one that was asked for first.
    run : callable
        From a folder in which the files stand, and rows, to the answers of the files, which the model is compared
        with: all that it gives, or some, by the names of `Described.ask`. Raises `NotProvedError`.
    by : str
        What runs it, such as "onnxruntime 1.20".
    notes : tuple of str
        What should be known of it, a sentence each.
    limit : float or None
        What it may differ by, as a share of the output's scale; None: by design by more, which `notes` say, and its
        labels may differ.
    float32 : bool or tuple of str
        Whether numbers reach it as float32, or in which columns: those of the proof then are such that float32 has
        them.
    more : callable or None
        What the model answers besides `Described.ask`, such as intervals, which the file's are compared with.
    largest : float
        The largest number that it can answer; what the model has beyond is ∞ there.
    """

    files: dict[str, bytes]
    run: Callable[[Path, ProofRows], Answers]
    by: str
    notes: tuple[str, ...] = ()
    limit: float | None = 1e-5
    float32: bool | tuple[str, ...] = False
    more: Callable[[Any], Answers] | None = None
    largest: float = math.inf
