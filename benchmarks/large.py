"""Five million rows on the disk: time, peak of memory and scores of descend, LightGBM and scikit-learn.

Each job is a process of its own; the memory is that of its whole tree, read from /proc twenty times a second. All judge
the rows that descend leaves untouched, by log-loss and accuracy, and none of them has learnt one of these.

Usage: ``python -m benchmarks.large FOLDER [--jobs NAME …] [--epochs 4] [--restarts 2] [--output FILE]``; FOLDER is one
that ``python -m benchmarks.large_table FOLDER`` has filled.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.large_table import LEVELS

TARGET, SEED = "bought", 0
PAGE = os.sysconf("SC_PAGE_SIZE")


# ---------------------------------------------------------------- memory of a tree


def tree_bytes(process: int) -> int:
    """Bytes that a process and all below it have in memory; what they share counts for each."""
    total, todo = 0, [process]
    while todo:
        one = todo.pop()
        try:
            total += int(Path(f"/proc/{one}/statm").read_text(encoding="ascii").split()[1]) * PAGE
            for thread in Path(f"/proc/{one}/task").iterdir():
                todo += map(int, (thread / "children").read_text(encoding="ascii").split())
        except OSError:
            continue  # it has ended
    return total


def measured(command: Sequence[str], folder: Path, log: Path) -> dict[str, float]:
    """Run a command; return its seconds and its peak of memory in MB, and fail where it fails."""
    peak, done = 0, threading.Event()
    with open(log, "wb") as out:
        start = time.monotonic()
        running = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)

        def look() -> None:
            nonlocal peak
            while not done.wait(0.05):
                peak = max(peak, tree_bytes(running.pid))

        watching = threading.Thread(target=look)
        watching.start()
        code = running.wait()
        seconds = time.monotonic() - start
        done.set()
        watching.join()
    if code:
        raise SystemExit(f"{' '.join(command)}: {log.read_text()[-2000:]}")
    return {"seconds": round(seconds, 1), "megabytes": round(peak / 1e6, 1)}


# ---------------------------------------------------------------- ours


def ours(table: Path, words: Sequence[str], log: Path) -> dict[str, Any]:
    """Train on the command line, then predict; scores are those that it says."""
    with tempfile.TemporaryDirectory(dir=log.parent) as made:
        model = Path(made) / "m.descend"
        command = [sys.executable, "-m", "descend", "train", str(table), "--target", TARGET, "--out-of-core", "-o"]
        found: dict[str, Any] = {"train": measured([*command, str(model), "--json", *words], log.parent, log)}
        document = json.loads(next(line for line in log.read_text().splitlines() if line.startswith("{")))
        found["scores"] = document["record"]["scores"]["test"]["scores"]
        found["seconds of descents"] = document["seconds"]
        predict = [sys.executable, "-m", "descend", "predict", str(model), str(table), "-o", f"{made}/p.parquet"]
        found["predict"] = measured(predict, log.parent, log)
        found["evaluate"] = measured([*predict[:3], "evaluate", str(model), str(table)], log.parent, log)
    return found


# ---------------------------------------------------------------- peers, each in a process of its own


def batches(table: Path) -> Iterator[tuple[Any, np.ndarray]]:
    """Yield pandas frames, and which of their rows are untouched."""
    import pyarrow.parquet as pq

    from descend.preprocessing.streamed.parts import TEST, Shares, row_keys

    files, start = sorted(table.glob("*.parquet")), 0
    rows = sum(pq.read_metadata(file).num_rows for file in files)
    shares = Shares(0.2, 0.2).of_rows(rows)
    for file in files:
        frame = pq.read_table(file).to_pandas()
        yield frame, shares.parts_of(row_keys(start, len(frame), SEED)) == TEST
        start += len(frame)


def scores(truth: np.ndarray, p: np.ndarray) -> dict[str, float]:
    """Log-loss and accuracy of probabilities of "yes"."""
    p = np.clip(p.astype(np.float64), 1e-15, 1 - 1e-15)
    loss = -np.where(truth, np.log(p), np.log(1 - p)).mean()
    return {"log_loss": float(loss), "accuracy": float(((p >= 0.5) == truth).mean())}


def lightgbm(table: Path) -> dict[str, float]:
    """LGBMClassifier with 300 trees of its defaults on a pandas frame of all rows, texts as categories."""
    import lightgbm
    import pandas as pd

    parts = []
    for frame, test in batches(table):
        for name, levels in LEVELS.items():
            frame[name] = pd.Categorical(frame[name], [f"{name} {level}" for level in range(levels)])
        for name in frame.select_dtypes("datetime"):
            frame[name] = (frame[name] - pd.Timestamp("2019-01-01")).dt.days.astype("float32")
        frame["test"] = test
        parts.append(frame)
    whole = pd.concat(parts, ignore_index=True)
    del parts
    test, truth = whole.pop("test").to_numpy(), (whole.pop(TARGET) == "yes").to_numpy()
    model = lightgbm.LGBMClassifier(n_estimators=300, verbose=-1).fit(whole[~test], truth[~test])
    return scores(truth[test], model.predict_proba(whole[test])[:, 1])


def partial_fit(make: Callable[[], Any], passes: int) -> Callable[[Path], dict[str, float]]:
    """An estimator of scikit-learn on batches of 10,000 rows, scaled and one-hot; statistics are the first file's."""

    def run(table: Path) -> dict[str, float]:
        from sklearn.compose import ColumnTransformer, make_column_selector
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import OneHotEncoder, QuantileTransformer

        numbers = make_pipeline(
            SimpleImputer(strategy="median", add_indicator=True), QuantileTransformer(output_distribution="normal")
        )
        levels = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=256, dtype=np.float32)
        prepare = ColumnTransformer(
            [
                ("n", numbers, make_column_selector(dtype_include=[np.number, bool])),
                ("c", levels, make_column_selector(dtype_include=[object, "string"])),
            ]
        )
        model, fitted = make(), False
        for _ in range(passes):
            for frame, test in batches(table):
                X, y = _plain(frame)
                if not fitted:
                    prepare.fit(X[~test])
                    fitted = True
                learn = np.flatnonzero(~test)
                np.random.default_rng(0).shuffle(learn)
                for start in range(0, len(learn), 10_000):
                    rows = learn[start : start + 10_000]
                    model.partial_fit(prepare.transform(X.iloc[rows]), y[rows], classes=[False, True])
        answers, truth = [], []
        for frame, test in batches(table):
            X, y = _plain(frame)
            answers.append(model.predict_proba(prepare.transform(X[test]))[:, 1])
            truth.append(y[test])
        return scores(np.concatenate(truth), np.concatenate(answers))

    return run


def _plain(frame: Any) -> tuple[Any, np.ndarray]:
    import pandas as pd

    truth = (frame.pop(TARGET) == "yes").to_numpy()
    for name in frame.select_dtypes("datetime"):
        frame[name] = (frame[name] - pd.Timestamp("2019-01-01")).dt.days.astype("float32")
    return frame, truth


def _linear() -> Any:
    from sklearn.linear_model import SGDClassifier

    return SGDClassifier(loss="log_loss", alpha=1e-6, random_state=0)


def _mlp() -> Any:
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier((64, 64), activation="tanh", random_state=0)


PEERS: dict[str, Callable[[Path], dict[str, float]]] = {
    "LightGBM": lightgbm,
    "SGDClassifier": partial_fit(_linear, 1),
    "MLPClassifier": partial_fit(_mlp, 1),
}


BLENDS = {"blend": [], "fast blend": ["--quality", "fast"]}


def peer(table: Path, name: str, log: Path) -> dict[str, Any]:
    """Run a peer in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.large", str(table), "--peer", name]
    found: dict[str, Any] = {"train": measured(command, Path.cwd(), log)}
    return found | {"scores": json.loads(log.read_text().splitlines()[-1])}


def main() -> None:
    """Run what the command line asks for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--jobs", nargs="+", default=["ours", "one window", *BLENDS, *PEERS])
    asked.add_argument("--epochs", default="4")
    asked.add_argument("--restarts", default="2")
    asked.add_argument("--peer")
    asked.add_argument("--output", type=Path)
    given = asked.parse_args()
    table = given.folder.resolve()
    if given.peer:
        print(json.dumps(PEERS[given.peer](table)))
        return
    words = ["--epochs", given.epochs, "--restarts", given.restarts]
    found: dict[str, Any] = {}
    for name in given.jobs:
        log = table.parent / f"{table.name}-{name.replace(' ', '-')}.log"
        if name == "ours":
            found[name] = ours(table, words, log)
        elif name == "one window":
            found[name] = ours(table, [*words, "--window", "20GB"], log)
        elif name in BLENDS:
            found[name] = ours(table, BLENDS[name], log)
        else:
            found[name] = peer(table, name, log)
        print(name, json.dumps(found[name]), flush=True)
    if given.output:
        given.output.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
