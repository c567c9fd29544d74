"""Whole jobs in fresh processes on all cores: a table is prepared; a model is trained, from a file to a file."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import process
from benchmarks.agreement import DisagreementError
from benchmarks.job_tables import JobTable, diamonds, million
from benchmarks.machine import installed, unpinned
from benchmarks.process import OURS, Cost
from benchmarks.results import Line, Result
from benchmarks.table import Options
from benchmarks.works import Array

REPEATS = 3
MUST_REACH = 0.9  # R² on the held-out rows
TRAIN = ("--restarts", "4", "--epochs", "20")

PREPARE = "from descend.models.train import understand; understand({}, 'y')"
# form of the file -> contestant -> program; {} stands for the file
READERS = {
    "CSV": {
        OURS: PREPARE,
        "polars, reading alone": "import polars; polars.read_csv({})",
        "pandas, reading alone": "import pandas; pandas.read_csv({})",
    },
    "Parquet": {
        OURS: PREPARE,
        "polars, reading alone": "import polars; polars.read_parquet({})",
        "pandas, reading alone": "import pandas; pandas.read_parquet({})",
    },
}
PACKAGES = {name: name.partition(",")[0] for name in READERS["CSV"] if name != OURS}

# contestant -> package; name in `job_peers`
PEERS = {"LightGBM": "lightgbm", "LightGBM, own reader": "lightgbm", "CatBoost": "catboost"}
PROGRAMS = {"LightGBM": "lightgbm", "LightGBM, own reader": "lightgbm-codes", "CatBoost": "catboost"}

READING_NOTE = (
    "Preparing: whole processes, imports included. Ours is `understand(path, target)`: it reads, finds the types, "
    "splits the rows and makes them the network's inputs; polars and pandas only read."
)
JOB_NOTES = (
    f"Whole jobs: ours is `descend train known.csv --target … {' '.join(TRAIN)} -o …`; it keeps some of the rows apart "
    "to choose the winner and to judge it. The peers learn from all of them.",
    "Whole jobs: the wheels of LightGBM and CatBoost bring no command line, so a fresh Python runs the shortest "
    "program that does the same with their defaults. LightGBM: `pandas.read_csv`, `lightgbm.train`, `save_model`; its "
    "own reader takes no words and gets a file with a number for each. CatBoost: `Pool` reads the file, "
    "`CatBoostRegressor().fit`, `save_model`.",
)


# ---------------------------------------------------------------- reading


def run_reading(options: Options) -> Result:
    """Read, understand and prepare a million rows from CSV and Parquet; polars and pandas read alone, as a scale."""
    table = million(options.quick)
    lines: list[Line] = []
    found: dict[str, dict[str, list[Cost]]] = {}
    with tempfile.TemporaryDirectory() as place, unpinned() as cores:
        paths = _written(table, Path(place))
        for form, readers in READERS.items():
            programs, skipped = _present(readers, PACKAGES)
            path = repr(str(paths[form]))
            commands = {who: [sys.executable, "-c", text.format(path)] for who, text in programs.items()}
            found[form] = _measured(commands, options, Path(place))
            lines += process.lines(f"prepare {table.title} from {form} on {cores} cores", found[form])
    shares = {f"{form}, {who}": share for form in found for who, share in process.disturbed(found[form]).items()}
    details = {"costs": {form: _plain(costs) for form, costs in found.items()}, "disturbed": shares}
    return Result("read-million", f"preparing {table.title}", lines, [*skipped, READING_NOTE], details)


def _written(table: JobTable, folder: Path) -> dict[str, Path]:
    paths = {"CSV": folder / "table.csv", "Parquet": folder / "table.parquet"}
    table.known.write_csv(paths["CSV"])
    table.known.write_parquet(paths["Parquet"])
    return paths


# ---------------------------------------------------------------- whole jobs


def run_million(options: Options) -> Result:
    """Train on a million rows, from CSV to a model file."""
    return run_job("job-million", million(options.quick), options)


def run_diamonds(options: Options) -> Result:
    """Train on ten thousand rows, where start-up counts."""
    return run_job("job-diamonds", diamonds(), options)


def run_job(name: str, table: JobTable, options: Options, train: Sequence[str] = TRAIN) -> Result:
    """Train everybody in turn, then judge the models on the rows held out; who is too bad is not compared.

    Raises
    ------
    agreement.DisagreementError
        If our own model is too bad.
    """
    peers, skipped = _present({OURS: "", **PROGRAMS}, PEERS)
    with tempfile.TemporaryDirectory() as place, unpinned() as cores:
        folder = Path(place)
        table.write(folder)
        commands = {who: _command("train", who, table, train) for who in peers}
        costs = _measured(commands, options, folder)
        for who in peers:
            process.cost(_command("predict", who, table), folder)
        scores = {who: r2(table.new[table.target].to_numpy(), _predicted(folder, who)) for who in peers}
    good, judged = judge(scores, table)
    lines = process.lines(f"train {table.title} on {cores} cores", {who: costs[who] for who in good})
    typed = {who: ["python", *words[1:]] for who, words in commands.items()}  # not where this machine's Python lies
    details = {"costs": _plain(costs), "r2": scores, "commands": typed, "disturbed": process.disturbed(costs)}
    return Result(name, f"whole job, {table.title}", lines, [*skipped, *judged, *JOB_NOTES], details)


def _command(action: str, who: str, table: JobTable, options: Sequence[str] = ()) -> list[str]:
    """Return the command of a contestant; in the folder of the job it writes its model, or predictions beside it."""
    model = _model(who)
    if who != OURS:
        words = [action, PROGRAMS[who], model, table.target, ",".join(table.categories)]
        return [sys.executable, "-m", "benchmarks.job_peers", *words]
    if action == "train":
        words = ["known.csv", "--target", table.target, *options, "-o", model]
    else:
        words = [model, "new.csv", "-o", f"{model}.csv"]
    return [sys.executable, "-m", "descend", action, *words]


def _model(who: str) -> str:
    return f"{PROGRAMS.get(who, who)}.model"


def _predicted(folder: Path, who: str) -> Array:
    return np.loadtxt(folder / f"{_model(who)}.csv", skiprows=1, ndmin=1)


def r2(y: Array, predicted: Array) -> float:
    """Return the coefficient of determination, 1 − Σ(y − ŷ)² / Σ(y − ȳ)².

    Examples
    --------
    >>> r2(np.array([0.0, 2.0, 4.0]), np.array([0.0, 2.0, 2.0]))
    0.5
    """
    return float(1 - ((y - predicted) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def judge(scores: Mapping[str, float], table: JobTable) -> tuple[list[str], list[str]]:
    """Return who may be compared, and sentences with everybody's score.

    Raises
    ------
    agreement.DisagreementError
        If our own model does not reach the bar.
    """
    if not scores[OURS] >= MUST_REACH:
        raise DisagreementError(
            f"{table.title}: our R² on the rows held out must be at least {MUST_REACH}; got {scores[OURS]:.3f}. "
            "A model that learnt nothing is not timed."
        )
    everybody = "; ".join(f"{who} {score:.3f}" for who, score in scores.items())
    sentences = [f"{table.title}: R² on {len(table.new):,} rows held out: {everybody}."]
    good = [who for who, score in scores.items() if score >= MUST_REACH]
    bad = [who for who in scores if who not in good]
    if bad:
        sentences.append(f"{table.title}: **below R² {MUST_REACH}, so not compared:** {'; '.join(bad)}.")
    return good, sentences


# ---------------------------------------------------------------- both


def _measured(commands: Mapping[str, Sequence[str]], options: Options, folder: Path) -> dict[str, list[Cost]]:
    return process.in_turn(commands, 1 if options.quick else min(REPEATS, options.repeats), folder)


def _present(contestants: Mapping[str, str], packages: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the contestants whose package is here, and a line for each that is missing."""
    missing = [who for who in contestants if who in packages and installed(packages[who]) is None]
    found = {who: program for who, program in contestants.items() if who not in missing}
    return found, [f"{who} is skipped: {packages[who]} is not installed." for who in missing]


def _plain(costs: Mapping[str, Sequence[Cost]]) -> dict[str, list[dict[str, Any]]]:
    return {who: [asdict(one) for one in runs] for who, runs in costs.items()}
