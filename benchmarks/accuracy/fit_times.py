"""What a fit of ours takes next to the best peer's and to earlier versions of ours, for the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.accuracy import compare
from benchmarks.accuracy.compare import Results
from benchmarks.accuracy.ours import MAIN
from benchmarks.accuracy.records import Record
from benchmarks.accuracy.tables import NOT_RUN, table
from benchmarks.results import number

Runs = dict[tuple[str, int, str], Record]  # by task, split and cap
OFTEN = 3.0  # times the peer's seconds, from which a table is named
WHY = (
    "There the peer needs one to four seconds, and ours spends 70 to 85 % of its time in the products of its layers of "
    "128 × 128, at some 80 of the 116 GFLOP/s that a core of that machine reaches; the activation mish takes about "
    '15 % of a step, dropout 7 %. Less needs fewer networks, fewer rounds, or smaller layers: `quality="fast"`.'
)


def section(results: Results, records: Iterable[Record], peer: str) -> str:
    """Return means next to a peer, the tables on which ours takes much longer, and earlier versions of ours."""
    parts = [_next_to(results, peer), _versions(list(records))]
    return "\n\n".join(part for part in parts if part)


def _next_to(results: Results, peer: str) -> str:
    both = results.figures([MAIN, peer], "fit")
    if not both:
        return ""
    ours, theirs = (sum(row[who] for row in both.values()) / len(both) for who in (MAIN, peer))
    longer = sorted(((row[MAIN] / row[peer], task) for task, row in both.items()), reverse=True)
    named = [f"{task} {number(ratio)}" for ratio, task in longer if ratio > OFTEN]
    said = f"**Mean of the {len(both)} tables that both finish: ours {number(ours)} s, {peer} {number(theirs)} s.**"
    if not named:
        return f"{said} Nowhere does ours take more than {OFTEN:g} times as long."
    return f"{said} More than {OFTEN:g} times as long as {peer}: {', '.join(named)}. {WHY}"


def _versions(records: Sequence[Record]) -> str:
    """Mean seconds of each version of ours that ran the same fits as the last one; "" if there is only one."""
    runs: dict[str, Runs] = {}
    for record in records:
        if record["contestant"] == MAIN and "failed" not in record:
            runs.setdefault(record["version"], {})[record["task"], record["seed"], record["cap"]] = record
    *earlier, last = runs or [""]
    rows = [_version_row(version, runs[version], runs[last]) for version in earlier]
    rows = [row for row in rows if row[1] != "0"]
    if not rows:
        return ""
    head = ("version of ours", "fits that both ran", "its seconds", f"those of {last}", "its processor s", f"of {last}")
    said = "Earlier versions of ours on the same tables and splits, means; other days, perhaps another machine."
    return f"{said}\n\n{table(head, rows)}"


def _version_row(
    version: str, runs: dict[tuple[str, int, str], Record], last: dict[tuple[str, int, str], Record]
) -> list[str]:
    both = [(runs[key], last[key]) for key in runs if key in last]
    if not both:
        return [version, "0", *[NOT_RUN] * 4]

    def mean(values: list[float]) -> str:
        return number(sum(values) / len(values))

    clock = [[compare.value_of(pair[place], "fit") or 0.0 for pair in both] for place in (0, 1)]
    processor = [[float(pair[place]["fit"]["processor"]) for pair in both] for place in (0, 1)]
    return [version, str(len(both)), *map(mean, clock), *map(mean, processor)]
