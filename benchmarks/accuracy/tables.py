"""The tables of the page: every task, with the scores and seconds of each contestant."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from benchmarks.accuracy import compare
from benchmarks.accuracy.compare import Results
from benchmarks.accuracy.ours import MAIN, OURS
from benchmarks.accuracy.records import Record
from benchmarks.accuracy.splits import TRAIN_CAP
from benchmarks.accuracy.tasks import CLASSIFY, RARE
from benchmarks.results import number

MORE_IS_BETTER = ("AUC", "average precision")
NOT_RUN, FAILED, STOPPED = "–", "failed", "too long"
MEANS = "Means over the splits that all ranked contestants have, the best in bold; `*`: of fewer splits; `–`: not run."
SPENT = ("fit", "predict", "peak")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown.

    Examples
    --------
    >>> print(table(("a", "b"), [("1", "2")]))
    | a | b |
    | --- | --- |
    | 1 | 2 |
    """
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, ("---",) * len(head), *rows])


def shown(results: Results) -> list[str]:
    """Return who has a column: ours, those who are ranked, then those with results on some tasks only."""
    ranked = compare.ranked(results)
    return ranked + [who for who in results.contestants if who not in ranked and who not in OURS]


# ---------------------------------------------------------------- scores


def scores(results: Results, value: str, title: str, tasks: Sequence[str] | None = None) -> str:
    """Return a score of every task and contestant, the best of each task marked.

    Means over the splits that all ranked contestants have; who has fewer of them is marked ``*``, and is not the best.

    Parameters
    ----------
    results : Results
        Of one cap.
    value : str
        One of `compare.MEASURES`.
    title : str
        Of the section.
    tasks : sequence of str or None
        Only these.
    """
    names = shown(results)
    rows = [_row(results, task, names, value) for task in results.tasks if tasks is None or task in tasks]
    rows = [row for row in rows if row]
    head = ("table", "learn / judge", *names)
    return f"## {title}\n\n{MEANS}\n\n{table(head, rows)}" if rows else ""


def _row(results: Results, task: str, names: Sequence[str], value: str) -> list[str]:
    seeds = compare.seeds_of(results, task, compare.ranked(results))
    found = {who: own for who in names if (own := _values(results, task, who, seeds, value))}
    if not found:
        return []
    means = {who: sum(own) / len(own) for who, own in found.items()}
    whole = {who: mean for who, mean in means.items() if len(found[who]) == len(seeds)}
    best = (max if value in MORE_IS_BETTER else min)(whole.values()) if whole else None
    cells = []
    for who in names:
        if who not in means:
            cells.append(missing(results, task, who))
        else:
            cell = f"**{means[who]:.4f}**" if means[who] == best and who in whole else f"{means[who]:.4f}"
            cells.append(cell if who in whole else f"{cell}\\*")
    record = _records(results, task)[0]
    return [task, f"{record['train_rows']:,} / {record['test_rows']:,}", *cells]


def _records(results: Results, task: str) -> list[Record]:
    return [record for (name, _), found in results.by_run.items() if name == task for record in found.values()]


def _values(results: Results, task: str, who: str, seeds: Iterable[int], value: str) -> list[float]:
    found = [results.by_run[task, seed].get(who) for seed in sorted(seeds)]
    values = [compare.value_of(record, value) for record in found if record is not None]
    return [one for one in values if one is not None]


def missing(results: Results, task: str, who: str) -> str:
    """Return why a cell is empty.

    Examples
    --------
    >>> found = Results({}, {("t", "a"): "stopped after 600 s", ("t", "b"): "ValueError: no"})
    >>> [missing(found, "t", who) for who in "abc"]
    ['too long', 'failed', '–']
    """
    why = results.failed.get((task, who))
    return NOT_RUN if why is None else STOPPED if why.startswith("stopped after") else FAILED


def rare(results: Results) -> str:
    """Return the average precision of rare classes."""
    title = "Rare classes: average precision of the rarer of two"
    found = scores(results, "average precision", title, list(RARE))
    for task, share in RARE.items():
        found = found.replace(f"| {task} |", f"| {task} ({100 * share:.1f} %) |")
    return found


# ---------------------------------------------------------------- seconds


def times(results: Results) -> str:
    """Return what a fit takes: in short for each contestant, then every task."""
    head = (
        "contestant",
        "tables",
        "median fit",
        f"of {TRAIN_CAP:,} rows",
        "longest",
        "ours / its",
        "at most",
        "ours is slower on",
    )
    rows = [_time_row(results, who) for who in shown(results)]
    runs = [record for found in results.by_run.values() for record in found.values()]
    count = sum(map(compare.was_busy, runs))
    said = (
        "Seconds of `fit`, each a process of its own that has both cores, imports that happen in `fit` included. "
        f"During {count} of {len(runs)} runs other programs took more than {100 * compare.BUSY:.0f} % of the time: "
        "these count by their processor seconds / 2, marked `~` below, and not at all where there are others. Memory "
        "is the peak of the whole process, and "
        "`predict` is of all rows that judge, both medians over the tables."
    )
    return f"## Time\n\n{said}\n\n{table((*head, 'median predict', 'median memory'), rows)}"


def _time_row(results: Results, who: str) -> list[str]:
    fit, predict, memory = ({t: row[who] for t, row in results.figures([who], w).items()} for w in SPENT)
    large = [fit[task] for task in fit if _records(results, task)[0]["train_rows"] == TRAIN_CAP]
    longest = max(fit, key=lambda task: fit[task])
    both = results.figures([MAIN, who], "fit") if who != MAIN else {}
    ratio = compare.geometric_mean(compare.log_ratios(results, MAIN, who, "fit")) if both else None
    most = max(((row[MAIN] / row[who], task) for task, row in both.items()), default=None)
    return [
        who,
        str(len(fit)),
        f"{number(statistics.median(fit.values()))} s",
        f"{number(statistics.median(large))} s" if large else NOT_RUN,
        f"{number(fit[longest])} s ({longest})",
        NOT_RUN if ratio is None else number(ratio),
        NOT_RUN if most is None else f"{number(most[0])} ({most[1]})",
        f"{sum(row[MAIN] > row[who] for row in both.values())} of {len(both)}" if both else NOT_RUN,
        f"{number(statistics.median(predict.values()))} s",
        f"{statistics.median(memory.values()):.0f} MB",
    ]


def seconds(results: Results) -> str:
    """Return the seconds of a fit on every task, means over each contestant's own splits."""
    names = shown(results)
    rows = []
    for task in results.tasks:
        own = {who: [one for one in _records(results, task) if one["contestant"] == who] for who in names}
        record = _records(results, task)[0]
        cells = [_seconds(own[who]) if own[who] else missing(results, task, who) for who in names]
        rows.append([task, f"{record['train_rows']:,}", *cells])
    return f"## Seconds of a fit\n\n{table(('table', 'rows', *names), rows)}"


def _seconds(records: Sequence[Record]) -> str:
    records = compare.quiet(records)
    mean = sum(compare.value_of(record, "fit") or 0.0 for record in records) / len(records)
    return ("~" if any(map(compare.was_busy, records)) else "") + number(mean)


# ---------------------------------------------------------------- without a cap


def in_full(results: Results) -> str:
    """Return the results on all rows, a line for each task and contestant; "" if there are none."""
    if not results.by_run:
        return ""
    rows = []
    for task in results.tasks:
        for who in results.contestants:
            own = [found[who] for (name, _), found in results.by_run.items() if name == task and who in found]
            rows += [_full_row(task, who, own)] if own else []
    rows += [[task, who, NOT_RUN, missing(results, task, who), *[NOT_RUN] * 5] for task, who in sorted(results.failed)]
    said = "All rows: three quarters are learnt, the rest judge. Means over the splits that each has."
    head = ("table", "contestant", "rows", "error", "log-loss", "AP", "fit", "processor", "memory")
    return f"## In full\n\n{said}\n\n{table(head, rows)}"


def _full_row(task: str, who: str, own: Sequence[Record]) -> list[str]:
    def mean(value: str) -> float | None:
        found = [one for record in own if (one := compare.value_of(record, value)) is not None]
        return sum(found) / len(found) if found else None

    classes = own[0]["kind"] == CLASSIFY
    precision = mean("average precision") if task in RARE else None
    processor = sum(record["fit"]["processor"] for record in own) / len(own)
    return [
        task,
        who,
        f"{own[0]['train_rows']:,}",
        f"{mean('error'):.4f}",
        f"{mean('log-loss'):.4f}" if classes else NOT_RUN,
        NOT_RUN if precision is None else f"{precision:.4f}",
        f"{_seconds(own)} s",
        f"{number(processor)} s",
        f"{max(record['peak'] for record in own):.0f} MB",
    ]
