"""Model files of every kind, changed, with mended seals: each is refused in our words, or holds what it says.

``python tests/files/fuzz_models.py [--files 20000] [--seed 0] [--first 0]``

Every file is drawn from (seed, number) alone, so that one that fails can be made again: ``--seed 0 --first 1234 --files
1``. A file that is read must be saved again with the fields, weights and predictions that it has; nothing else than our
errors may be raised, and time and memory of the process are bounded. Exit code 0 if all of this held.
"""

from __future__ import annotations

import argparse
import faulthandler
import math
import random
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "helpers"))

from mutations import apart, change_file

from descend import DescendError, FileError, MLPClassifier, MLPRegressor, Network
from descend.files.container import unpack
from descend.files.load import made_from
from descend.models.model import Model
from model_files import TABLE, blended, content_of, tiny, trained

SECONDS = 20  # for one file, on a machine that has other things to do
MEMORY = 512 * 2**20  # beyond what the process takes when it begins
X = np.random.default_rng(0).normal(size=(30, 3))
IGNORED = ("checksum", "version", "record")  # of a document: a later version may say the same in other words


def seeds() -> list[bytes]:
    """Files of every kind, that are right. A new kind or version: a line here."""
    plain: dict[str, Any] = {"max_iter": 2, "random_state": 0}
    two, three = (X[:, 0] > 0).astype(int), np.digitize(X[:, 0], [-0.5, 0.5])
    labels = np.c_[X > 0].astype(int)
    levels = {"loss_parameter": (0.25, 0.75), "hidden_layer_sizes": (2,), "restarts": 3, "select": "ensemble"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = [
            tiny(),
            Network(
                [2, 3, 1],
                "step",
                loss="huber",
                bias=[0.5, 0.0],
                step_surrogate="straight_through",
                seed=7,
                dtype="float64",
            ),
            trained("kind"),
            trained("size", task="regress", hidden=()),
            blended("kind"),
            blended("size", task="regress"),
            MLPClassifier((3,), **plain).fit(X, np.array(["a", "b", "cc"])[three]),
            MLPClassifier((2, 2), class_weight={0: 1.0, 1: 2.5}, n_iter_no_change=np.inf, **plain).fit(X, two),
            MLPClassifier((2,), **plain).fit(X, labels),
            MLPClassifier((2,), **plain).fit(X, np.c_[two + 5, three]),
            MLPRegressor("quantile", **levels, **plain).fit(X, X[:, 0]),
            MLPRegressor(hidden_layer_sizes=(2,), solver="lbfgs", **plain).fit(X.astype(np.float32), X[:, :2]),
        ]
    return [content_of(one) for one in made]


def predictions(thing: Any) -> Any:
    """What it predicts for rows that fit it, or the words of the error."""
    try:
        if isinstance(thing, Model):
            names = thing.preprocessing.input_names
            table = {name: TABLE.get(name, TABLE["size"])[:6] for name in names}
            return thing.predict(table).tolist()
        if isinstance(thing, Network):
            return thing.predict(np.ones((2, thing.spec.sizes[0]))).tolist()
        found = thing.predict(np.ones((2, thing.n_features_in_)))
        return (found.toarray() if hasattr(found, "toarray") else found).tolist()
    except DescendError as error:
        return str(error)


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values say the same; a number of JSON may be a float64, true is none."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(other, float) and type(one) is int:
        return float(one) == other
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def differences(content: bytes, again: bytes) -> list[str]:
    """Fields and tensors that are others after a file was read and saved; what no reader looks at does not count."""
    (old, old_table, old_data), (new, new_table, new_data) = apart(content), apart(again)
    fields = [name for name in new if name not in IGNORED and not same(without_defaults(name, old, new), new[name])]
    names = {**old_table, **new_table}
    return fields + [name for name in names if raw(old_table, old_data, name) != raw(new_table, new_data, name)]


def without_defaults(name: str, old: dict[str, Any], new: dict[str, Any]) -> Any:
    """A field as the file has it; parameters that it leaves out have their defaults."""
    found = old.get(name)
    return new[name] | found if name == "parameters" and isinstance(found, dict) else found


def raw(table: dict[str, Any], data: bytes, name: str) -> Any:
    """Type, shape and numbers of a tensor; 0 and -0 are one number."""
    entry = table.get(name)
    if entry is None or entry["dtype"] not in ("F32", "F64"):
        return entry
    numbers = np.frombuffer(data[slice(*entry["data_offsets"])], {"F32": "<f4", "F64": "<f8"}[entry["dtype"]])
    return entry["dtype"], entry["shape"], numbers.tolist()


def outcome(content: bytes, path: Path) -> str:
    """Read one file; raises AssertionError where something was changed in silence."""
    try:
        thing = made_from(*unpack(content, path), path)
    except FileError as error:
        words = str(error)
    else:
        words = ""
    if words:
        assert words.startswith(f'model file "{path}": '), words
        assert len(words) < 5000
        return "refused"
    again = content_of(thing)
    assert not differences(content, again), differences(content, again)
    back = made_from(*unpack(again, path), path)
    first, second = predictions(thing), predictions(back)
    assert first == second or repr(first) == repr(second)
    assert "nan" not in repr(first) or isinstance(first, str)
    return "read"


def limit(memory: int = MEMORY) -> None:
    """Let too much memory and too much time fail at once."""
    faulthandler.enable()
    if sys.platform == "linux":
        import resource

        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + memory, taken + memory))

    def late(*_: object) -> None:
        raise TimeoutError(f"more than {SECONDS} seconds")

    signal.signal(signal.SIGALRM, late)


def main() -> int:
    """Read all files that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    right, outcomes, path = seeds(), Counter[str](), Path(tempfile.gettempdir()) / "fuzz.descend"
    assert all(outcome(content, path) == "read" for content in right)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    limit()
    for number in range(asked.first, asked.first + asked.files):
        rng = random.Random(f"{asked.seed} {number}")
        content = change_file(rng.choice(right), rng.choice(right), rng)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            outcomes[outcome(content, path)] += 1
        except BaseException:
            sys.stdout.write(f"--seed {asked.seed} --first {number} --files 1\n")
            traceback.print_exc()
            return 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    sys.stdout.write(", ".join(f"{name} {count}" for name, count in sorted(outcomes.items())) + "\n")
    return 0 if math.prod(outcomes[name] for name in ("read", "refused")) else 1


if __name__ == "__main__":
    sys.exit(main())
