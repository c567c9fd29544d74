"""The page *Accuracy* of the documentation, and its answer for README: written from the results, losses included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.accuracy import ablation_table, compare, fit_times, losses, tables
from benchmarks.accuracy import records as store
from benchmarks.accuracy.compare import Results
from benchmarks.accuracy.ours import MAIN, OURS
from benchmarks.accuracy.records import Record
from benchmarks.accuracy.run import CONTESTANTS, LIMIT
from benchmarks.accuracy.splits import TEST_CAP, TRAIN_CAP, cap_in_words
from benchmarks.accuracy.tables import NOT_RUN, table
from benchmarks.pages import between_marks
from benchmarks.results import number

AGAINST = "CatBoost"  # the best of the peers when this was begun
ELSEWHERE = Path(__file__).with_name("elsewhere.md")
MARKS = ("<!-- accuracy -->", "<!-- end of accuracy -->")
EMPTY = "# Accuracy\n\nNo results yet.\n"
HEAD = """# Accuracy

How far off are predictions on real tables, next to those of others? All contestants have their defaults, and all are
judged on rows that they have not learnt. First comes the answer in one paragraph, then each peer, then the tables on
which we lose, then everything.

Written by `python -m benchmarks.accuracy --summary` from the files in `benchmarks/results/accuracy/`, losses included;
`make accuracy` measures on your machine, also on your own tables."""


def page(
    records: Sequence[Record],
    ablation: Sequence[Record] = (),
    machines: Sequence[str] = (),
    tag: str = "",
) -> str:
    """Return the whole page in Markdown.

    Parameters
    ----------
    records : sequence of Record
        All results.
    ablation : sequence of Record
        Those of `benchmarks.accuracy.ablation`.
    machines : sequence of str
        Where they come from.
    tag : str, default ""
        Version of ours that is shown; "": that of the last results.
    """
    capped, full = (select(records, whole, tag) for whole in (False, True))
    if not capped.by_run:
        return EMPTY
    parts = [
        HEAD,
        *([answer(capped), against(capped)] if MAIN in capped.contestants else []),
        _ranks(capped),
        *([losses.section(capped), _qualities(capped)] if MAIN in capped.contestants else []),
        ELSEWHERE.read_text(encoding="utf-8").strip(),
        _measured(capped, machines),
        tables.times(capped),
        fit_times.section(capped, records, AGAINST),
        tables.in_full(full),
        ablation_table.section(ablation),
        tables.scores(capped, "error", "Every table: error rate, or RMSE / standard deviation of the target"),
        tables.scores(capped, "log-loss", "Every table: log-loss, or RMSE / standard deviation of the target"),
        tables.rare(capped),
        tables.scores(capped, "AUC", "AUC (two classes)"),
        tables.seconds(capped),
        _failures(records, tag),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def write(folder: Path, root: Path | None = None, tag: str = "") -> list[Path]:
    """Write the page from the results of a folder.

    Parameters
    ----------
    folder : Path
        Of the results.
    root : Path or None
        The repository, whose docs/accuracy.md is written, and parts of README and of the guide; None: accuracy.md
        beside the folder.
    tag : str, default ""
        Version of ours that is shown.
    """
    found = store.read(folder)
    text = page(found, store.read_ablation(folder), store.machines(folder), tag)
    if root is None:
        texts = {folder.parent / "accuracy.md": text}
    else:
        texts = {root / "docs" / "accuracy.md": text}
        for part in (root / "README.md", root / "docs" / "guide" / "trees-or-networks.md"):
            texts[part] = between_marks(part.read_text(encoding="utf-8"), for_readme(found, tag), MARKS)
    for path, one in texts.items():
        path.write_text(one, encoding="utf-8")
    return list(texts)


def select(records: Iterable[Record], full: bool, tag: str = "") -> Results:
    """Return the results that are shown: of ours the version `tag`, or the last."""
    return compare.select(records, cap_in_words(full), dict.fromkeys(OURS, tag) if tag else {})


def for_readme(records: Sequence[Record], tag: str = "") -> str:
    """Return the answer, for README, with a line for each peer and the names of the tables that are lost."""
    results = select(records, False, tag)
    if MAIN not in results.contestants:
        return "No results yet."
    lost = [f"{one.task} ({', '.join(one.theirs)})" for one in losses.losses(results, "error")]
    said = "Clearly better than ours by error: " + ("; ".join(lost) if lost else "nobody, on no table") + "."
    return "\n\n".join([answer(results), against(results), said])


# ---------------------------------------------------------------- the answer


def answer(results: Results) -> str:
    """Return where we stand: what was compared, and three figures."""
    names = compare.ranked(results)
    figures = {value: results.figures(names, value) for value in ("error", "log-loss")}
    if len(names) < 2 or not figures["error"]:
        return ""
    ranks = {value: compare.ranks(found) for value, found in figures.items()}
    lost = losses.losses(results, "error")
    points = [
        f"**Average rank by error {_rank(ranks['error'], MAIN)}**, where 1 is the best (the best peer: "
        f"{_best_peer(ranks['error'])}); by log-loss {_rank(ranks['log-loss'], MAIN)} "
        f"({_best_peer(ranks['log-loss'])}).",
        *([_against_one(results, AGAINST)] if results.figures([MAIN, AGAINST]) else []),
        f"On {len(lost)} of {len(results.tasks_of(MAIN))} tables a peer is clearly better by error.",
    ]
    said = (
        f"`{MAIN}` and {len(names) - 1} peers, all with their defaults, on {len(figures['error'])} tables where all "
        f"have results, {_splits(results)}. Numbers are judged by RMSE, classes by errors and by log-loss."
    )
    return said + "\n\n" + "\n".join(f"- {point}" for point in points)


def _splits(results: Results) -> str:
    count = len({seed for (_, seed), found in results.by_run.items() if MAIN in found})
    return "one split each" if count == 1 else f"means over up to {count} splits"


def _rank(ranks: Mapping[str, tuple[float, float]], who: str) -> str:
    mean, error = ranks[who]
    return f"{mean:.2f} ± {error:.2f}"


def _best_peer(ranks: Mapping[str, tuple[float, float]]) -> str:
    best = min((who for who in ranks if who != MAIN), key=lambda who: ranks[who])
    return f"{best} {_rank(ranks, best)}"


def _against_one(results: Results, peer: str) -> str:
    logs = {value: compare.log_ratios(results, MAIN, peer, value) for value in ("error", "log-loss", "fit")}
    ratio = {value: compare.geometric_mean(found) for value, found in logs.items()}
    chance = {value: compare.chance_below_one(logs[value]) for value in ("error", "log-loss")}
    return (
        f"Next to {peer}, on {len(logs['error'])} tables: **{ratio['error']:.3f} times its error** in the geometric "
        f"mean (below 1 with P = {chance['error']:.3f}), {ratio['log-loss']:.3f} times its log-loss "
        f"(P = {chance['log-loss']:.3f}), {number(ratio['fit'])} times its time of a fit."
    )


def against(results: Results) -> str:
    """Return a line for each peer: ratio, probability, wins, by error and by log-loss; seconds."""
    rows = []
    for peer in (who for who in tables.shown(results) if who != MAIN):
        both = results.figures([MAIN, peer], "error")
        if both:
            cells = [cell for value in ("error", "log-loss") for cell in _cells(results, peer, value)]
            ratio = compare.geometric_mean(compare.log_ratios(results, MAIN, peer, "fit"))
            rows.append((peer, str(len(both)), *cells, number(ratio)))
    head = ("ours against", "tables", "error", "P", "better / same / worse", "log-loss", "P", "better / same / worse")
    said = (
        "Geometric mean of ours / the peer's (below 1: ours is better), over the tables and splits that both have; P: "
        f"share of {compare.RESAMPLES:,} bootstrap resamples of the tables in which it is below 1. HGB is "
        "scikit-learn's HistGradientBoosting, sk MLP its MLP behind the usual pipeline."
    )
    return f"{table((*head, 'time of fit'), rows)}\n\n{said}"


def _cells(results: Results, peer: str, value: str) -> tuple[str, str, str]:
    logs = compare.log_ratios(results, MAIN, peer, value)
    counts = compare.wins(results.figures([MAIN, peer], value), MAIN, peer)
    ratio, chance = compare.geometric_mean(logs), compare.chance_below_one(logs)
    return f"{ratio:.3f}", f"{chance:.3f}", " / ".join(map(str, counts))


# ---------------------------------------------------------------- other parts


def _ranks(results: Results) -> str:
    names = compare.ranked(results)
    found = {value: results.figures(names, value) for value in ("error", "log-loss")}
    if not found["error"]:
        return ""
    by_error, by_loss = compare.ranks(found["error"]), compare.ranks(found["log-loss"])
    rows = [(who, _rank(by_error, who), _rank(by_loss, who)) for who in sorted(by_error, key=lambda who: by_error[who])]
    without = [task for task in results.tasks if task not in found["error"]]
    gone = ", ".join(f"{task} ({_why(results, task, names)})" for task in without)
    said = (
        f"Average rank among {len(names)} (1: best; ± standard error over the tables), on the {len(found['error'])} "
        f"tables where all of them have results{f'; not counted: {gone}' if gone else ''}."
    )
    return f"## Ranks\n\n{said}\n\n{table(('contestant', 'by error', 'by log-loss'), rows)}"


def _why(results: Results, task: str, names: Sequence[str]) -> str:
    absent = [who for who in names if task not in results.tasks_of(who)]
    words = {tables.NOT_RUN: "not run", tables.STOPPED: "too long"}
    reasons = [(who, tables.missing(results, task, who)) for who in absent]
    return ", ".join(f"{who}: {words.get(why, why)}" for who, why in reasons) or "no split in common"


def _qualities(results: Results) -> str:
    """What our other qualities give and take, relative to the default."""
    rows = []
    for who in (who for who in OURS if who != MAIN and who in results.contestants):
        logs = [compare.log_ratios(results, who, MAIN, value) for value in ("error", "log-loss", "fit")]
        if logs[0]:
            rows.append((who, str(len(logs[0])), *(f"{compare.geometric_mean(one):.3f}" for one in logs)))
    if not rows:
        return ""
    said = f"Geometric means of the ratio to `{MAIN}`, the default."
    head = ("contestant", "tables", "error", "log-loss", "time of fit")
    return f"## Our other qualities\n\n{said}\n\n{table(head, rows)}"


def _measured(results: Results, machines: Sequence[str]) -> str:
    versions: dict[str, str] = {}
    for found in results.by_run.values():
        versions |= {who: record["version"] for who, record in found.items()}
    rows = []
    for who in [*tables.shown(results), *(who for who in OURS if who != MAIN and who in versions)]:
        seeds = {seed for (_, seed), found in results.by_run.items() if who in found}
        note = CONTESTANTS[who].note if who in CONTESTANTS else ""
        rows.append((who, versions[who], str(len(results.tasks_of(who))), str(len(seeds)), note or NOT_RUN))
    records = {task: next(iter(found.values())) for (task, _), found in results.by_run.items()}
    kinds = [record["kind"] for record in records.values()]
    text = f"""## How it was measured

- **{len(kinds)} real tables** ({kinds.count("classify")} with classes, {kinds.count("regress")} with numbers to
  predict), raw as they come: text, numbers, truth values, dates, missing cells. Our recipe was developed on these
  tables, by losses out of fold: elsewhere expect a little less.
- **Splits** are drawn by a seed, the same for everybody: a quarter of the rows judges, at most {TRAIN_CAP:,} rows are
  learnt and {TEST_CAP:,} judge. Differences of one table within one split are mostly luck.
- **Defaults** for everybody, nothing tuned, all cores; each gets categories in its own way, dates as numbers where it
  takes none. A fit that takes more than {LIMIT:g} s is stopped, and stands as "too long"; what was not run has a dash.
- Means are taken over the splits first, then each table counts alike. For ratios, half an error in the rows that judge
  is added to both scores of classes.
- Machine: {"; ".join(machines) or "not noted"}. `benchmarks/README.md` has the rest."""
    return f"{text}\n\n{table(('contestant', 'version', 'tables', 'splits', 'what it is'), rows)}"


def _failures(records: Iterable[Record], tag: str) -> str:
    shown = [(full, select(records, full, tag)) for full in (False, True)]
    lines = [
        f"- {who}, {task}{', in full' if full else ''}: {why}"
        for full, results in shown
        for (task, who), why in sorted(results.failed.items())
    ]
    return "\n".join(["## No result", "", *lines]) if lines else ""
