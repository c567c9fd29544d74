"""From single results to comparisons: means over seeds, ranks, wins, ratios."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.accuracy.ours import MAIN, OURS
from benchmarks.accuracy.records import Record

RESAMPLES = 10_000
BUSY = 0.05  # share of the time that went to other programs, from which processor seconds count instead of the clock
# what is compared -> the score of a class, the score of a number
MEASURES = {
    "error": ("error", "rmse"),
    "log-loss": ("log_loss", "rmse"),
    "AUC": ("auc", None),
    "average precision": ("average_precision", None),
}
Figures = dict[str, dict[str, float]]  # task -> contestant -> mean over seeds


@dataclass(frozen=True)
class Results:
    """All results of one cap, of one version for each contestant.

    Parameters
    ----------
    by_run : mapping
        (task, seed) -> contestant -> record with scores.
    failed : mapping
        (task, contestant) -> why it has no scores there, though it was run.
    """

    by_run: Mapping[tuple[str, int], Mapping[str, Record]]
    failed: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def contestants(self) -> list[str]:
        """All that have results."""
        return list(dict.fromkeys(who for found in self.by_run.values() for who in found))

    @property
    def tasks(self) -> list[str]:
        """All that somebody has results on."""
        return list(dict.fromkeys(task for task, _ in self.by_run))

    def tasks_of(self, who: str) -> set[str]:
        """Tasks on which a contestant has results."""
        return {task for (task, _), found in self.by_run.items() if who in found}

    def figures(self, names: Sequence[str], value: str = "error") -> Figures:
        """Return the mean over the seeds that all of `names` have, of tasks where there is one.

        Seconds are means over each one's own `quiet` runs: they hardly depend on the split.
        """
        if value in ("fit", "predict"):
            return {task: row for task in self.tasks if (row := self._seconds(task, names, value)) is not None}
        collected: dict[str, dict[str, list[float]]] = {}
        for (task, _), found in self.by_run.items():
            if all(who in found for who in names):
                values = {who: value_of(found[who], value) for who in names}
                if None not in values.values():
                    for who, one in values.items():
                        collected.setdefault(task, {}).setdefault(who, []).append(float(one or 0.0))
        return {task: {who: sum(ones) / len(ones) for who, ones in row.items()} for task, row in collected.items()}

    def _seconds(self, task: str, names: Sequence[str], value: str) -> dict[str, float] | None:
        """Seconds of each of `names` on a task; None if one has none."""
        found = [runs for (name, _), runs in self.by_run.items() if name == task]
        own = {who: quiet([runs[who] for runs in found if who in runs]) for who in names}
        if not all(own.values()):
            return None
        return {who: sum(value_of(one, value) or 0.0 for one in ones) / len(ones) for who, ones in own.items()}

    def half_a_row(self, task: str, who: str) -> float:
        """Half an error in the test rows, which keeps ratios of class scores finite; 0 for numbers."""
        record = next(found[who] for (name, _), found in self.by_run.items() if name == task and who in found)
        return 0.5 / float(record["test_rows"]) if record["kind"] == "classify" else 0.0


def value_of(record: Record, value: str) -> float | None:
    """Return a score, or what was spent: seconds of "fit" and "predict", "peak" of memory in MB.

    Seconds are those of the clock; where the machine was busy, half of all threads' seconds, as on two cores.

    Examples
    --------
    >>> record = {"kind": "regress", "scores": {"rmse": 0.5}, "fit": {"wall": 2.0, "processor": 3.0}}
    >>> value_of(record, "log-loss"), value_of(record, "fit"), value_of(record, "AUC")
    (0.5, 2.0, None)
    >>> value_of(record | {"others": 0.5}, "fit")
    1.5
    """
    if value in ("fit", "predict"):
        seconds = record[value]
        return float(seconds["processor"]) / 2 if was_busy(record) else float(seconds["wall"])
    if value == "peak":
        return float(record["peak"])
    name = MEASURES[value][record["kind"] != "classify"]
    return record["scores"].get(name)


def was_busy(record: Record) -> bool:
    """Return whether other programs worked meanwhile for more than a twentieth of the time."""
    spent = sum(record[what]["wall"] for what in ("fit", "predict") if what in record)
    return bool(record.get("others", 0.0) > BUSY * spent)


def quiet(records: Sequence[Record]) -> list[Record]:
    """Return the runs in which the machine was not busy; all if there are none."""
    return [one for one in records if not was_busy(one)] or list(records)


def select(records: Iterable[Record], cap: str, newest: Mapping[str, str]) -> Results:
    """Return the results with scores under a cap: of each contestant one version, of each task one state of its data.

    Parameters
    ----------
    records : iterable of Record
        All.
    cap : str
        See `splits.cap_in_words`.
    newest : mapping
        Contestant -> version; who is not named, is shown with the version of the last line.
    """
    good = [record for record in records if record["cap"] == cap]
    last = {record["contestant"]: record["version"] for record in good} | dict(newest)
    data = {record["task"]: record["data"] for record in good}
    by_run: dict[tuple[str, int], dict[str, Record]] = {}
    failed: dict[tuple[str, str], str] = {}
    for record in good:
        task, who = record["task"], record["contestant"]
        if record["version"] == last[who] and record["data"] == data[task]:
            if "scores" in record:
                by_run.setdefault((task, record["seed"]), {})[who] = record
            else:
                failed[task, who] = record["failed"]
    there = {(task, who) for (task, _), found in by_run.items() for who in found}
    return Results(by_run, {key: why for key, why in failed.items() if key not in there})


# ---------------------------------------------------------------- comparisons


def ranks(figures: Figures) -> dict[str, tuple[float, float]]:
    """Return the average rank of each over the tasks (1 is best, ties share), and its standard error.

    Examples
    --------
    >>> ranks({"t": {"a": 0.1, "b": 0.2, "c": 0.2}, "u": {"a": 0.3, "b": 0.3, "c": 0.4}})
    {'a': (1.25, 0.25), 'b': (2.0, 0.5), 'c': (2.75, 0.25)}
    """
    from scipy.stats import rankdata

    names = list(next(iter(figures.values()), {}))
    found = np.array([rankdata([row[who] for who in names]) for row in figures.values()])
    errors = np.sqrt(found.var(axis=0, ddof=1) / len(found)) if len(found) > 1 else np.full(len(names), math.nan)
    return {who: (float(found[:, i].mean()), float(errors[i])) for i, who in enumerate(names)}


def wins(figures: Figures, one: str, other: str) -> tuple[int, int, int]:
    """Return on how many tasks `one` is better, equal, worse.

    Examples
    --------
    >>> wins({"t": {"a": 0.1, "b": 0.2}, "u": {"a": 0.2, "b": 0.2}}, "a", "b")
    (1, 1, 0)
    """
    gaps = [row[one] - row[other] for row in figures.values()]
    equal = [math.isclose(gap, 0.0, abs_tol=1e-12) for gap in gaps]
    better = sum(gap < 0 and not same for gap, same in zip(gaps, equal, strict=True))
    return better, sum(equal), len(gaps) - better - sum(equal)


def log_ratios(results: Results, one: str, other: str, value: str) -> list[float]:
    """Return the logarithm of score of `one` / score of `other` on each shared task; half an error is added to both."""
    figures = results.figures([one, other], value)
    found = []
    for task, row in figures.items():
        more = results.half_a_row(task, one) if value in MEASURES else 0.0
        found.append(math.log((row[one] + more) / (row[other] + more)))
    return found


def geometric_mean(logs: Sequence[float]) -> float:
    """Return the geometric mean of what these are the logarithms of.

    Examples
    --------
    >>> round(geometric_mean([math.log(2), math.log(8)]), 9)
    4.0
    """
    return math.exp(sum(logs) / len(logs))


def chance_below_one(logs: Sequence[float], seed: int = 0) -> float:
    """Return the share of resamples of the tasks (paired bootstrap) in which the geometric mean is below 1.

    Examples
    --------
    >>> chance_below_one([-0.1, -0.2, -0.3]), chance_below_one([0.1, 0.2])
    (1.0, 0.0)
    """
    values = np.asarray(logs)
    drawn = np.random.RandomState(seed).randint(len(values), size=(RESAMPLES, len(values)))
    return float((values[drawn].mean(axis=1) < 0).mean())


def ranked(results: Results, share: float = 0.8) -> list[str]:
    """Return who is ranked: ours, and peers with results on at least this share of the tasks of whoever has most.

    Our other qualities are not: several contestants of one kind would push the others' ranks apart.

    Examples
    --------
    >>> ranked(Results({("t", 0): {"a": {}, "b": {}, "descend best": {}}, ("u", 0): {"a": {}}}))
    ['a']
    """
    counts = {who: len(results.tasks_of(who)) for who in results.contestants if who == MAIN or who not in OURS}
    most = max(counts.values(), default=0)
    names = [who for who, count in counts.items() if who == MAIN or count >= share * most]
    return sorted(names, key=lambda who: who != MAIN)


def seeds_of(results: Results, task: str, names: Sequence[str]) -> set[int]:
    """Return the splits of a task that all of `names` have, as far as they have any; if there is none, all splits.

    Examples
    --------
    >>> found = Results({("t", 0): {"a": {}, "b": {}}, ("t", 1): {"a": {}}, ("u", 2): {"c": {}}})
    >>> seeds_of(found, "t", ["a", "b", "c"]), seeds_of(found, "t", ["a"])
    ({0}, {0, 1})
    """
    runs = {seed: found for (name, seed), found in results.by_run.items() if name == task}
    each = [own for who in names if (own := {seed for seed, found in runs.items() if who in found})]
    return (set.intersection(*each) if each else set()) or set(runs)
