"""Distillation in words: what a student learnt, how like its teacher it is, what it lost, what it is spared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from descend.describe.facts import Fact, Grid
from descend.describe.numbers import count, duration, file_size, number
from descend.describe.scores import scores_grid

if TYPE_CHECKING:
    from descend.models.distil.of_model import Distilled


def distilled_facts(record: Mapping[str, Any], seconds: float | None = None) -> list[Fact]:
    """Say what a network imitates, by what rows it learnt that, and how alike the two are; from the record alone.

    Parameters
    ----------
    record : mapping
        `Model.record`; nothing is said of one that was not distilled.
    seconds : float or None, default None
        How long it took.

    Examples
    --------
    >>> alike = {"rows": 40, "made": False, "agreement": 0.975, "distance": 0.01}
    >>> told = {"rows": 60000, "given": 360, "likeness": alike, "networks": 18, "weights": 90000}
    >>> for fact in distilled_facts({"distilled": told, "task": {"kind": "classify"}}, 12.0):
    ...     print(fact)
    ('Imitates', '18 networks with 90,000 weights; learnt from their answers to 360 rows and 59,640 made ones in 12 s')
    ('Alike', '39 of 40 held-out rows have the same class (97.5%); probabilities differ by 0.01')
    """
    told = record.get("distilled")
    if not told:
        return []
    made = told["rows"] - told["given"]
    given = f"{count(told['given'], 'row')} and {made:,} made ones" if told["given"] else f"{made:,} made rows"
    taken = "" if seconds is None else f" in {duration(seconds)}"
    networks = f"{count(told['networks'], 'network')} with {told['weights']:,} weights"
    its = "their" if told["networks"] > 1 else "its"
    imitates: Fact = ("Imitates", f"{networks}; learnt from {its} answers to {given}{taken}")
    return [imitates, ("Alike", likeness_words(told["likeness"], record.get("task", {}).get("kind", "")))]


def likeness_words(alike: Mapping[str, Any], kind: str) -> str:
    """Say how alike two models answer.

    Parameters
    ----------
    alike : mapping
        `Likeness.to_dict`.
    kind : {"classify", "regress"}
        What they answer.

    Examples
    --------
    >>> alike = {"rows": 40, "made": True, "agreement": 0.998, "distance": 0.01}
    >>> likeness_words(alike, "regress")
    'R² 0.9980 of its answers as predictions of the others, on 40 made rows; they differ by 0.01 deviations of the target'
    """  # noqa: E501
    which = "made" if alike["made"] else "held-out"
    rows, agreement, distance = alike["rows"], alike["agreement"], number(alike["distance"])
    if kind == "classify":
        same = round(agreement * rows)
        words = f"{same:,} of {count(rows, f'{which} row')} have the same class ({agreement:.1%})"
        return f"{words}; probabilities differ by {distance}"
    r2 = "unknown" if agreement is None or math.isnan(agreement) else f"{agreement:.4f}"
    where = f"on {count(rows, f'{which} row')}"
    differ = f"they differ by {distance} deviations of the target"
    return f"R² {r2} of its answers as predictions of the others, {where}; {differ}"


def lost_grid(distilled: Distilled) -> Grid | None:
    """Return the scores of teacher and student side by side; None if no target was known.

    Parameters
    ----------
    distilled : Distilled
        Of `distil_model`.
    """
    teacher, student = distilled.teacher, distilled.student
    if teacher is None or student is None:
        return None
    return scores_grid(
        {"model": teacher.scores, "distilled": student.scores}, {"model": teacher.errors, "distilled": student.errors}
    )


def judged_words(distilled: Distilled) -> str:
    """Say on which rows the two were judged, and whether the teacher knows them.

    Parameters
    ----------
    distilled : Distilled
        With scores.
    """
    teacher = distilled.teacher
    assert teacher is not None
    rows = f"On {count(teacher.rows, 'row')} that the distilled network has not learnt"
    if not teacher.learnt:
        return f"{rows}."
    learnt = "all" if teacher.learnt >= teacher.rows else f"about {teacher.learnt:,}"
    return f"{rows}; the model has learnt {learnt} of them: both scores are too good, and only their difference counts."


def spared_facts(sizes: tuple[int, int], times: tuple[float, float] | None) -> list[Fact]:
    """Say how much smaller and faster the student is.

    Parameters
    ----------
    sizes : tuple of int
        Bytes of the files of teacher and student.
    times : tuple of float or None
        Microseconds of an answer to one record; None: not measured.

    Examples
    --------
    >>> spared_facts((1_900_000, 22_000), (76.4, 11.2))
    [('Size', '1.9 MB → 22 kB'), ('A record', '76 µs → 11 µs')]
    """
    told: list[Fact] = [("Size", " → ".join(file_size(one) for one in sizes))]
    return told if times is None else [*told, ("A record", " → ".join(f"{one:,.0f} µs" for one in times))]
