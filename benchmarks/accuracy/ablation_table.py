"""The ablation's part of the page: what each variant loses or gains against the default, over all tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from benchmarks.accuracy.records import Record
from benchmarks.accuracy.tables import NOT_RUN, table
from benchmarks.accuracy.tasks import CLASSIFY
from benchmarks.accuracy.variants import DEFAULT, OTHERWISE, RULES

LEAST = 1e-3  # log-losses below it count as this: ratios of what is nearly nothing say nothing
LARGE = 700  # rows that judge, from which on a table is large: on smaller ones luck has the larger part
HEAD = ("instead", "out of fold", "loss", "loss, large", "error, large", "better / same / worse", "time", "tables")

Runs = Mapping[str, Mapping[str, Record]]  # variant -> task -> record


def section(records: Sequence[Record]) -> str:
    """Return what each part is worth; "" if there are no results."""
    runs = newest(records)
    if DEFAULT not in runs:
        return ""
    rules = [row for rule in RULES.values() if rule.name != DEFAULT and (row := _row(runs, rule.name, rule.said))]
    otherwise = [row for one in OTHERWISE.values() if (row := _row(runs, one.name, one.said))]
    tasks = sorted({task for name in OTHERWISE for task in runs.get(name, ())})
    version = next(iter(runs[DEFAULT].values()))["version"]
    large = [one for one in runs[DEFAULT].values() if one["test_rows"] >= LARGE]
    said = f"""## What each part is worth

Changes in percent against the default (`{version}`): geometric mean over the tables ± its standard error; above 0 is
worse. *Out of fold* is the loss (log-loss, RMSE) on held-out rows, on which weights are chosen too; the other columns
are of the rows that judge. *Large* are the {len(large)} tables where at least {LARGE} rows do; on the others luck has
the larger part. Better / same / worse is by loss, of all tables. Log-losses below {LEAST:g} count as {LEAST:g}; half an
error in the rows that judge is added to error rates. *Time* is that of all descents, a ratio. All on the first split;
written by `make accuracy-ablation`."""
    parts = [said, table(HEAD, rules)]
    if otherwise:
        parts += [f"Learnt otherwise, on every fourth table ({', '.join(tasks)}):", table(HEAD, otherwise)]
    return "\n\n".join(parts)


def newest(records: Iterable[Record]) -> Runs:
    """Return the results of the version of the last line.

    Examples
    --------
    >>> lines = [{"version": v, "variant": "a", "task": t} for v, t in (("1", "t"), ("1", "u"), ("2", "t"))]
    >>> newest(lines)
    {'a': {'t': {'version': '2', 'variant': 'a', 'task': 't'}}}
    """
    lines = list(records)
    found: dict[str, dict[str, Record]] = {}
    for record in lines:
        if record["version"] == lines[-1]["version"]:
            found.setdefault(record["variant"], {})[record["task"]] = record
    return found


def _row(runs: Runs, name: str, said: str) -> list[str]:
    both = [(one, runs[DEFAULT][task]) for task, one in runs.get(name, {}).items() if task in runs[DEFAULT]]
    if not both:
        return []
    large = [pair for pair in both if pair[0]["test_rows"] >= LARGE]
    columns = (("oof", both), ("loss", both), ("loss", large), ("error", large))
    changes = [[change(one, default, what) for one, default in pairs] for what, pairs in columns]
    signs = [math.copysign(1.0, gap) if abs(gap) > 1e-9 else 0.0 for gap in changes[1]]
    counts = " / ".join(str(signs.count(sign)) for sign in (-1.0, 0.0, 1.0))
    spent = [math.log(one["seconds"] / default["seconds"]) for one, default in both]
    return [
        said,
        *map(percent, changes),
        counts,
        f"{math.exp(sum(spent) / len(spent)):.2f}",
        str(len(both)),
    ]


def change(one: Record, default: Record, what: str) -> float:
    """Return the logarithm of the ratio of a variant's figure to the default's; out of fold on the same rows.

    Examples
    --------
    >>> default = {"kind": "classify", "error": 0.0, "test_rows": 50, "loss": 1e-5, "oof": 0.3}
    >>> one = default | {"error": 0.03, "loss": 1e-4, "oof": 0.2, "oof of default": 0.2}
    >>> [round(change(one, default, what), 4) for what in ("error", "loss", "oof")]
    [1.3863, 0.0, 0.0]
    """
    above, below = one[what], one.get("oof of default", default["oof"]) if what == "oof" else default[what]
    if one["kind"] == CLASSIFY:
        if what == "error":
            above, below = (value + 0.5 / one["test_rows"] for value in (above, below))
        else:
            above, below = max(above, LEAST), max(below, LEAST)
    return math.log(above / below)


def percent(changes: Sequence[float]) -> str:
    """Return by how many percent the geometric mean of ratios differs from 1, of their logarithms; ± standard error.

    Examples
    --------
    >>> percent([0.01, 0.03]), percent([-0.004]), percent([])
    ('+2.0 ± 1.0', '−0.4', '–')
    """
    count = len(changes)
    if not count:
        return NOT_RUN
    mean = sum(changes) / count
    text = f"{100.0 * math.expm1(mean):+.1f}".replace("-", "−")
    if count < 2:
        return text
    variance = sum((one - mean) ** 2 for one in changes) / (count - 1)
    return f"{text} ± {100.0 * math.exp(mean) * math.sqrt(variance / count):.1f}"
