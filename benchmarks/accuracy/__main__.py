"""``python -m benchmarks.accuracy``: fetch tables, run what is missing, write the page."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy import fetch, records, run, summary
from benchmarks.accuracy.tasks import TASKS
from benchmarks.process import ROOT

DEFAULT = [who for who in run.CONTESTANTS if who not in ("TabM", "CatBoost tuned")]  # those take minutes a fit


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the accuracy benchmark; returns the exit code."""
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the fit that runs is ended too
    if given.list:
        print(_list())
        return 0
    folder = given.out / "accuracy" if given.out else records.FOLDER
    if not given.summary:
        tasks, skipped = fetch.chosen([TASKS[name] for name in given.tasks or TASKS], given.folder)
        print("\n".join([*skipped, f"{len(tasks)} tables are there."]))
        if given.fetch:
            return 1 if skipped else 0
        versions, absent = run.versions(given.only or DEFAULT, given.ours_tag)
        print("\n".join(absent), flush=True)
        run.run(run.Plan(tasks, versions, given.seeds, given.full, given.limit), folder, given.retry)
    for path in summary.write(folder, None if given.out else ROOT, given.ours_tag or ""):
        print(f"written: {path}")
    return 0


def _list() -> str:
    tasks = [f"{task.name}: {task.kind} {task.target}, {task.read.__name__} {task.what}" for task in TASKS.values()]
    who = [f"{name}: {peer.version or peer.package}. {peer.note}" for name, peer in run.CONTESTANTS.items()]
    return "\n".join(["Tasks", *tasks, "", "Contestants", *who])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    add = parser.add_argument
    add("--list", action="store_true", help="what there is")
    add("--fetch", action="store_true", help="only fetch the tables")
    add("--summary", action="store_true", help="only write docs/accuracy.md and its part of README anew")
    add("--tasks", nargs="+", choices=list(TASKS), metavar="TASK", help="only these")
    add("--only", nargs="+", choices=list(run.CONTESTANTS), metavar="CONTESTANT", help="only these, in this order")
    add("--seeds", nargs="+", type=int, default=[0, 1, 2], metavar="SEED", help="splits; default 0 1 2")
    add("--full", action="store_true", help="lift the cap of 10,000 rows to learn and 5,000 to judge")
    add("--folder", type=Path, help="your own tables: NAME.parquet, the last column is the target")
    add("--limit", type=float, default=run.LIMIT, help="seconds that one run may take; default 600")
    add("--retry", action="store_true", help="run again what failed or took too long")
    add("--ours-tag", help="version that our results belong to; default: git describe")
    add("--out", type=Path, help="folder for results and page, which then is no part of the documentation")
    return parser


if __name__ == "__main__":
    sys.exit(main())
