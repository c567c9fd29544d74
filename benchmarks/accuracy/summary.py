"""The page: every task, average ranks, wins, ratios, times; losses included."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.accuracy import compare
from benchmarks.accuracy.compare import Figures, Results
from benchmarks.accuracy.ours import OURS
from benchmarks.accuracy.records import Record
from benchmarks.accuracy.splits import cap_in_words
from benchmarks.results import number

AGAINST, CLOCK = "CatBoost", "RealMLP"  # whom errors and times are compared with
RARE = "kdd04_bio"  # judged by average precision too


def page(records: Sequence[Record], full: bool = False, tag: str | None = None) -> str:
    """Return the whole page in Markdown.

    Parameters
    ----------
    records : sequence of Record
        All results.
    full : bool, default False
        Whether those without a cap are shown.
    tag : str or None
        Version of ours that is shown; None: that of the last results.
    """
    cap = cap_in_words(full)
    results = compare.select(records, cap, dict.fromkeys(OURS, tag) if tag else {})
    if not results.by_run:
        return f"# Accuracy\n\nNo results yet (rows to learn / to judge: {cap}).\n"
    parts = [
        "# Accuracy\n\nWritten by `python -m benchmarks.accuracy --summary`; nothing is left out"
        f" but by the rules that are named. Rows to learn / to judge: {cap}. Means over seeds.",
        _versions(results),
        *(_comparison(results, value) for value in ("error", "log-loss")),
        _times(results),
        _tasks(results, "error", "Error rate, or RMSE / standard deviation of the target"),
        _tasks(results, "log-loss", "Log-loss, or RMSE / standard deviation of the target"),
        _tasks(results, "AUC", "AUC (two classes)"),
        _rare(results),
        _failures(records, cap),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


# ---------------------------------------------------------------- parts


def _versions(results: Results) -> str:
    shown: dict[str, str] = {}
    for found in results.by_run.values():
        shown |= {who: record["version"] for who, record in found.items()}
    seeds = {who: len({seed for (_, seed), found in results.by_run.items() if who in found}) for who in shown}
    rows = [(who, version, str(len(results.tasks_of(who))), str(seeds[who])) for who, version in shown.items()]
    return table(("contestant", "version", "tasks", "seeds"), rows)


def _comparison(results: Results, value: str) -> str:
    names = compare.field(results)
    figures = results.figures(names, value)
    title = "Error (error rate, RMSE)" if value == "error" else "Log-loss (and RMSE)"
    parts = [f"## {title}"]
    if figures:
        found = compare.ranks(figures)
        rows = [(who, f"{mean:.2f} ± {error:.2f}") for who, (mean, error) in sorted(found.items(), key=lambda r: r[1])]
        said = f"Average rank among {len(names)} on the {len(figures)} tasks where all of them have results, ± its"
        parts += [f"{said} standard error.", table(("contestant", "rank"), rows)]
    parts += [_wins(results, value), _ratios(results, value)]
    return "\n\n".join(part for part in parts if part)


def _wins(results: Results, value: str) -> str:
    names = results.contestants
    rows = []
    for one in names:
        cells = []
        for other in names:
            figures: Figures = {} if one == other else results.figures([one, other], value)
            cells.append(" / ".join(map(str, compare.wins(figures, one, other))) if figures else "–")
        rows.append((one, *cells))
    return "Wins / ties / losses of the row against the column.\n\n" + table(("", *names), rows)


def _ratios(results: Results, value: str) -> str:
    rows = []
    for who in results.contestants:
        logs = compare.log_ratios(results, who, AGAINST, value) if who != AGAINST else []
        if logs:
            chance = compare.chance_below_one(logs)
            rows.append((who, f"{compare.geometric_mean(logs):.3f}", f"{chance:.3f}", str(len(logs))))
    said = (
        f"Geometric mean of the ratio to {AGAINST} (below 1: better), and the share of {compare.RESAMPLES:,} bootstrap "
        "resamples of the tasks in which it is below 1. Half an error in the test rows is added to both class scores."
    )
    return f"{said}\n\n{table(('contestant', 'ratio', 'P(< 1)', 'tasks'), rows)}" if rows else ""


def _times(results: Results) -> str:
    rows = []
    for who in results.contestants:
        pairs = [compare.log_ratios(results, who, CLOCK, value) for value in ("wall", "processor")]
        total = results.figures([who], "wall")
        ratios = [f"{compare.geometric_mean(logs):.3f}" if logs else "–" for logs in pairs]
        rows.append((who, *ratios, str(len(pairs[0])), number(max(row[who] for row in total.values())) + " s"))
    said = f"Time of `fit`, geometric mean of the ratio to {CLOCK}: by the clock, and by processor seconds / 2."
    head = ("contestant", "clock", "processor / 2", "shared tasks", "longest fit")
    return f"## Time\n\n{said}\n\n{table(head, rows)}"


def _tasks(results: Results, value: str, title: str) -> str:
    names = results.contestants
    alone = {who: results.figures([who], value) for who in names}
    tasks = dict.fromkeys(task for (task, _) in results.by_run if any(task in rows for rows in alone.values()))
    best = max if value == "AUC" else min
    rows = []
    for task in tasks:
        found = {who: alone[who][task][who] for who in names if task in alone[who]}
        top = best(found.values())
        cells = [_cell(found.get(who), top) for who in names]
        rows.append((task, *cells))
    return f"## {title}\n\n{table(('task', *names), rows)}" if rows else ""


def _cell(score: float | None, top: float) -> str:
    if score is None:
        return "–"
    return f"**{score:.4f}**" if score == top else f"{score:.4f}"


def _rare(results: Results) -> str:
    found: dict[str, list[float]] = {}
    for (task, _), row in results.by_run.items():
        for who, record in row.items():
            if task == RARE:
                found.setdefault(who, []).append(record["scores"]["average_precision"])
    rows = [(who, f"{sum(ones) / len(ones):.4f}") for who, ones in found.items()]
    head = ("contestant", "average precision")
    return f"## Average precision of the rare class of {RARE}\n\n{table(head, rows)}" if rows else ""


def _failures(records: Iterable[Record], cap: str) -> str:
    lines = [
        f"- {one['contestant']} ({one['version']}), {one['task']}, seed {one['seed']}: {one['failed']}"
        for one in records
        if one["cap"] == cap and "failed" in one
    ]
    return "\n".join(["## No result", "", *lines]) if lines else ""


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
