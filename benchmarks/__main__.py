"""``python -m benchmarks``: measure, write JSON files, the tables and the plots; see README.md beside this file."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks import committed, footprint, jobs, machine, pages
from benchmarks.all_cores import BATCHES, RESTARTS, SAMPLES, run_all_cores
from benchmarks.blend_million import run_blend
from benchmarks.border import run_border, run_scripts
from benchmarks.by_index import run_by_index
from benchmarks.fashion import run_fashion
from benchmarks.growth import GROWTHS, run_growth
from benchmarks.instructions import run_instructions
from benchmarks.penguins import run_penguins
from benchmarks.plots import plot
from benchmarks.prediction import run_many, run_prediction
from benchmarks.record import run_record
from benchmarks.results import Result, write
from benchmarks.table import Options, run_work
from benchmarks.works import WORKS

HERE = Path(__file__).resolve().parent
RESULTS, PLOTS = HERE / "results", HERE.parent / "docs" / "benchmarks"

TABLE: dict[str, Callable[[Options], Result]] = {
    **{work.name: partial(run_work, work) for work in WORKS},
    "by-index": run_by_index,
    "predict-one": run_prediction,
    "predict-many": run_many,
    "predict-instructions": run_instructions,
    "predict-record": run_record,
}
CORES: dict[str, Callable[[Options], Result]] = {
    works[0].name: partial(run_all_cores, works) for works in (RESTARTS, SAMPLES, BATCHES)
}
GROWTH: dict[str, Callable[[Options], Result]] = {one.name: partial(run_growth, one) for one in GROWTHS}
TRAININGS: dict[str, Callable[[Options], Result]] = {"fashion-mnist": run_fashion, "penguins": run_penguins}
BORDER: dict[str, Callable[[Options], Result]] = {"border": run_border, "border-scripts": run_scripts}
FOOTPRINT: dict[str, Callable[[Options], Result]] = {
    "start-up": footprint.run_startup,
    "memory": footprint.run_memory,
    "size": footprint.run_size,
}
JOBS: dict[str, Callable[[Options], Result]] = {
    "read-million": jobs.run_reading,
    "job-million": jobs.run_million,
    "job-diamonds": jobs.run_diamonds,
    "blend-million": run_blend,
}
GROUPS = {
    "table": TABLE,
    "cores": CORES,
    "growth": GROWTH,
    "trainings": TRAININGS,
    "border": BORDER,
    "footprint": FOOTPRINT,
    "jobs": JOBS,
}
ENTRIES = {name: run for group in GROUPS.values() for name, run in group.items()}


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; returns the exit code: 1 if a contestant computed something else or an entry failed."""
    asked = _parser().parse_args(arguments)
    if asked.list:
        print("\n".join(f"{group}: {' '.join(entries)}" for group, entries in GROUPS.items()))
        return 0
    plots = asked.out if asked.out != RESULTS else PLOTS
    failed = 0
    if not asked.pages:
        machine.pin()
        failed = _run_all(_chosen(asked.only), _options(asked), asked.out, plots)
    written = pages.write_pages(asked.out, list(ENTRIES), plots)
    if asked.out == RESULTS:
        written += pages.publish(RESULTS, list(ENTRIES), PLOTS, HERE.parent)
    for path in written:
        print(path)
    return 1 if failed else 0


def _run_all(names: Sequence[str], options: Options, out: Path, plots: Path) -> int:
    """Run entry after entry, each written as soon as it is there; returns how many failed."""
    peak, size = machine.sgemm_peak()
    facts = machine.facts(options.engine) | {"sgemm_peak_gflops": peak, "sgemm_size": size, "quick": options.quick}
    print(f"{facts['processor']}, {facts['cores']} cores, sgemm {peak:.0f} GFLOP/s, load {facts['load_at_start']:.2f}")
    failures, began = 0, time.perf_counter()
    for name in names:
        start = time.perf_counter()
        try:
            result = ENTRIES[name](options)
        except (ArithmeticError, AssertionError, OSError, RuntimeError, ValueError) as error:
            print(f"\n{name}: FAILED: {error}")
            failures += 1
            continue
        result = committed.judged(result, facts, committed.read_committed(name))
        took = time.perf_counter() - start
        write(result, facts | {"took_seconds": round(took, 1)}, out)
        plot(result, plots)
        print(f"\n{result.title} ({took:.0f} s)\n" + pages.as_text(result), flush=True)
    print(f"\n{len(names)} entries in {(time.perf_counter() - began) / 60:.0f} minutes")
    return failures


def _options(asked: argparse.Namespace) -> Options:
    options = Options(engine=asked.engine)
    return replace(options, repeats=3, seconds=0.05, quick=True) if asked.quick else options


def _chosen(only: Sequence[str] | None) -> list[str]:
    if not only:
        return list(ENTRIES)
    unknown = [name for name in only if name not in ENTRIES and name not in GROUPS]
    if unknown:
        sys.exit(f"--only: not known: {', '.join(unknown)}. Known: {', '.join([*GROUPS, *ENTRIES])}.")
    wanted = {entry for name in only for entry in GROUPS.get(name, {name: None})}
    return [name for name in ENTRIES if name in wanted]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure descend next to its peers.")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="entries or groups of --list")
    parser.add_argument("--quick", action="store_true", help="few and short repeats; not for publication")
    parser.add_argument("--list", action="store_true", help="show the names and stop")
    parser.add_argument("--pages", action="store_true", help="only write the tables anew from the JSON files")
    parser.add_argument("--engine", choices=("native", "reference"), default="native", help="which of our engines")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="FOLDER", help="where results go; plots too")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
