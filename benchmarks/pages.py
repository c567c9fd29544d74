"""The pages made of the results: ``table.md`` with every share and comparison, ``summary.md`` for the README."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from os.path import relpath
from pathlib import Path
from typing import Any

from benchmarks import shares
from benchmarks.results import (
    KEPT,
    Line,
    Result,
    losses,
    number,
    percent,
    read_all,
    share_table,
    short_table,
    table,
)

BUSY = 0.05  # share of the wall time that went to somebody else, from which a result is marked

AMOUNTS = ("time", "processor time", "memory peak")  # of one work
STEPS = (
    "Time of one step, its share of what one core can do, and how many times longer others take; float32, one thread, "
    "results checked equal first."
)
ALL_CORES = "The same on all cores, each peer with the number of threads, or of processes, that is fastest for it."
SHARES = (
    "Share of the roofline: the time that a step needs at the measured peaks by ours, median of the repeats; spread: "
    f"lowest and highest. Bar: {percent(shares.BAR)} on one core for nets of more than {shares.LARGE:,} weights."
)
RATIOS = (
    "Ratio: the peer's amount by ours, median of the repeats; spread: lowest and highest. Steps: float32, one thread "
    "but for the rows that name cores, results checked equal first. Before: the ratio that was committed, where "
    f"machine and versions were the same; the bar is {percent(KEPT)} of it."
)
MARKS = ("<!-- speed -->", "<!-- end of speed -->")
HEAD = """# Speed

How near does descend come to what this machine can do, and how long does the same work take elsewhere? Two tables:

- **Share of the roofline**: the time that the processor and its memory need at the least, by peaks measured in the
  same run, divided by ours. 100 % is the end.
- **Ratio**: 20 means that the other one takes 20 times as long. Below 1 we lose; that is said below the table.

Written by `make bench` from the files in `benchmarks/results/`; `benchmarks/README.md` says how it is measured."""

Read = Sequence[tuple[Result, dict[str, Any]]]


def write_pages(folder: Path, order: Sequence[str], plots: Path) -> list[Path]:
    """Write both pages from the JSON files of a folder; returns them, nothing if there are no results."""
    found = read_all(folder, order)
    if not found:
        return []
    texts = {"table.md": full_page(found, folder, plots), "summary.md": summary(found)}
    for name, text in texts.items():
        (folder / name).write_text(text + "\n", encoding="utf-8")
    return [folder / name for name in texts]


def publish(folder: Path, order: Sequence[str], plots: Path, root: Path) -> list[Path]:
    """Write the page of the documentation and the README's section from the JSON files of a folder.

    The README's section stands between two marks; the page is written anew.

    Raises
    ------
    ValueError
        If the README has no such marks.
    """
    found = read_all(folder, order)
    if not found:
        return []
    page, readme = root / "docs" / "speed.md", root / "README.md"
    limits = Path(__file__).with_name("limits.md").read_text(encoding="utf-8")
    page.write_text(f"{HEAD}\n\n{full_page(found, page.parent, plots)}\n\n{limits}", encoding="utf-8")
    readme.write_text(between_marks(readme.read_text(encoding="utf-8"), readme_section(found)), encoding="utf-8")
    return [page, readme]


def readme_section(found: Read) -> str:
    """Return one line per work of the tables of steps, and one per work at which somebody is better than we are."""
    lost = list(_best_at([line for line in _lines(found) if line.loses and not line.is_own]))
    return "\n\n".join(_steps(found) + _block("Faster, or smaller, than descend (the best one each):", lost))


def _steps(found: Read) -> list[str]:
    """The short tables: on one core, then on all."""
    alone = [line for result, _ in found if _is_step(result, False) for line in result.lines]
    together = [line for result, _ in found if _is_step(result, True) for line in result.lines]
    blocks = [STEPS, short_table(alone)] if alone else []
    return blocks + ([ALL_CORES, short_table(together)] if together else [])


def _is_step(result: Result, all_cores: bool) -> bool:
    return "us_per_step" in result.details and ("cores" in result.details) == all_cores


def _best_at(lost: Sequence[Line]) -> Iterator[str]:
    """A sentence for each work: of each of its amounts the peer that is best at it."""
    best: dict[str, dict[str, Line]] = {}
    for line in sorted(lost, key=lambda one: one.ratio.median):
        work, comma, amount = line.work.rpartition(", ")
        best.setdefault(work if comma and amount in AMOUNTS else line.work, {}).setdefault(amount, line)
    for work, amounts in best.items():
        said = [
            f"{number(1 / line.ratio.median)} ×{f' in {amount}' if line.work != work else ''} ({line.against})"
            for amount, line in amounts.items()
        ]
        yield f"{work}: {', '.join(said)}"


def between_marks(text: str, inside: str, marks: tuple[str, str] = MARKS) -> str:
    r"""Return a text with what stands between the marks replaced.

    Raises
    ------
    ValueError
        If there are no marks.

    Examples
    --------
    >>> print(between_marks("a\n<!-- speed -->\nold\n<!-- end of speed -->\nb", "new"))
    a
    <!-- speed -->
    new
    <!-- end of speed -->
    b
    """
    first, last = marks
    if text.count(first) != 1 or text.count(last) != 1:
        raise ValueError(f"the page must have one line {first} and one line {last} for the measurements.")
    before, after = text.split(first)[0], text.split(last)[1]
    return f"{before}{first}\n{inside}\n{last}{after}"


def as_text(result: Result) -> str:
    """Return a result as lines for the terminal."""
    works = {line.work for line in result.lines}
    amounts = [_told(line) + (f"  ({line.work})" if len(works) > 1 else "") for line in result.lines]
    points = [_point(point) for point in result.details.get("points", ())]
    return "\n".join([*amounts, *points, *(f"  {note}" for note in result.notes)])


def _told(line: Line) -> str:
    reached = percent(line.ratio.median) if line.is_share else f"{line.ratio.median:.4g}"
    its = f"{line.against:<24} {line.theirs:>10.4g} {line.unit:<7}"
    return f"  {line.ours:>10.4g} {line.unit:<7} {its} {reached:>10}  {line.verdict}"


def _point(point: Mapping[str, Any]) -> str:
    times = "  ".join(f"{name} {number(value)}" for name, value in point["us_per_step"].items())
    return f"  {point['value']:>9,}: {times}"


def full_page(found: Read, folder: Path, plots: Path) -> str:
    """Return shares and ratios, what we lose, notes, plots, and where the numbers come from."""
    lines = _lines(found)
    drawn = [plots / f"{result.name}.svg" for result, _ in found if (plots / f"{result.name}.svg").exists()]
    reached = share_table(lines)
    blocks = [
        *([SHARES, reached] if reached else []),
        RATIOS,
        table(lines),
        "**Where we lose, and which bars are missed** (reached; what it should be)",
        "\n".join(f"- {sentence}" for sentence in losses(lines)) or "- nothing",
        *_block("**Notes**", [*_notes(found), *_disturbed(found)]),
        *(f"![{path.stem}]({relpath(path, folder)})" for path in drawn),
        *_block("**Measured on**", list(_origins(found))),
    ]
    return "\n\n".join(blocks)


def summary(found: Read) -> str:
    """Return one line per work of the tables of steps, and a sentence with the bars that are missed."""
    missed = losses(_lines(found))
    blocks = _steps(found) + _block("Lost, or below the bar:", missed)
    return "\n\n".join(blocks + _block("Measured on:", list(_origins(found))))


def _lines(found: Read) -> list[Line]:
    return [line for result, _ in found for line in result.lines]


def _block(title: str, sentences: Sequence[str]) -> list[str]:
    return [title, "\n".join(f"- {sentence}" for sentence in sentences)] if sentences else []


def _notes(found: Read) -> list[str]:
    return list(dict.fromkeys(note for result, _ in found for note in result.notes))


def _disturbed(found: Read) -> Iterator[str]:
    """A line for every result during which the machine did something else."""
    for result, _ in found:
        shares: Mapping[str, float] = result.details.get("disturbed", {})
        worst = max(shares.values(), default=0.0)
        if worst > BUSY:
            yield f"{result.title}: the machine was busy with other work ({100 * worst:.0f} % of the time)."


def _origins(found: Read) -> Iterator[str]:
    """One line per run that the results come from."""
    runs: dict[str, list[str]] = {}
    for result, machine in found:
        runs.setdefault(_origin(machine), []).append(result.name)
    for origin, names in runs.items():
        yield origin + ("" if len(runs) == 1 else f": {', '.join(names)}")


def _origin(machine: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    quick = ", **quick run, not for publication**" if machine["quick"] else ""
    return (
        f"{machine['time']}, {machine['processor']}, {machine['cores']} cores, load {machine['load_at_start']:.2f}; "
        f"descend {machine['descend']} ({machine['engine']} engine, {machine['isa']}), {versions}, "
        f"Python {machine['python']}; {machine['blas']}; sgemm peak {machine['sgemm_peak_gflops']:.0f} GFLOP/s{quick}"
    )
