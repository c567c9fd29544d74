"""Write one file of each kind with this version, and what it predicts, for the test that later versions read them.

Usage: ``python tools/write_old_files.py`` once for a version whose files differ from those before; it writes
``tests/data/written-by-MAJOR.MINOR/`` and never into a folder that is there: old files are not written anew.

    *.descend               networks, table models, estimators
    checkpoint.safetensors  of a training that was stopped
    inputs.npz, table.csv   what they are given
    expected.npz            what they predict, to the bit
    expected.json           what else they say: classes, curves (as hex), records
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix, issparse

import descend
from bits_tables import descend as command
from descend import MLPClassifier, MLPRegressor, Network, TabularClassifier, TabularRegressor
from descend.models.blends.members import MEMBERS

DATA = Path(__file__).resolve().parents[1] / "tests" / "data"
ROWS, COLUMNS = 80, 4
TARGETS = ("animal", "big", "weight")  # columns of the table
TOLD = ("n_iter_", "t_", "loss_", "best_loss_", "loss_curve_", "validation_scores_", "best_validation_score_")
TOLD += (
    "classes_",
    "feature_names_in_",
    "validation_loss_curve_",
    "n_features_in_",
    "n_layers_",
    "n_outputs_",
    "out_activation_",
)
CHECKPOINT = {"epochs": 9, "restarts": 8, "learning_rate": 0.02, "schedule": "cosine", "optimizer": "adam"}
CHECKPOINT |= {"batch_size": 4, "validation": 0.25, "race": "halving"}


def inputs(seed: int = 0) -> Any:
    """Return numbers from −1 to 1, (80, 4)."""
    return np.random.default_rng(seed).uniform(-1, 1, (ROWS, COLUMNS))


X = inputs()
SUMS = np.stack([X[:, 0] * X[:, 1] + X[:, 2], X[:, 3] - X[:, 0], X[:, 1] + 0.5 * X[:, 2]], axis=1)
THREE = np.array(["Ameise", "Biene", "Käfer"])[SUMS.argmax(axis=1)]


# ---------------------------------------------------------------- what is written


def networks() -> Iterator[tuple[str, Network]]:
    """Networks of both dtypes, with several activations, outputs and losses."""
    softmax = {"output": "softmax", "loss": "log_loss"}
    huber = {"loss": "huber", "loss_parameter": [0.5, 1.5], "bias": [1.0, 0.0, 2.0]}
    many = {
        "network-float32": (Network([4, 6, 5, 2], ["tanh", "relu"], seed=1, **huber), SUMS[:, :2]),
        "network-float64": (Network([4, 7, 3], "gelu", dtype="float64", seed=2**70, **softmax), np.eye(3)[[0, 1] * 40]),
        "network-poisson": (Network([4, 5, 1], "softplus", "exp", "poisson", seed=3), np.floor(np.abs(9 * SUMS[:, 0]))),
        "network-step": (Network([4, 6, 1], "step", step_surrogate="straight_through", seed=4), SUMS[:, 0]),
        "network-reference": (Network([4, 4, 1], "mish", "sigmoid", engine="reference", seed=5), X[:, 0] > 0),
    }
    for name, (net, Y) in many.items():
        yield name, net.fit(X, Y, epochs=4, learning_rate=0.05, validation=0.25, restarts=2).best


def estimators() -> Iterator[tuple[str, Any]]:
    """Both estimators, with targets of every kind, one network or several."""
    common = {"hidden_layer_sizes": (6,), "max_iter": 9, "learning_rate_init": 0.02, "random_state": 0}
    held = {"early_stopping": "loss", "validation_fraction": 0.25}
    two, labels = (SUMS[:, 0] > 0).astype(int), (SUMS > 0).astype(int)
    columns = np.array([[str(one), int(two[k])] for k, one in enumerate(THREE)], dtype=object)
    yield "classifier", MLPClassifier(**common, class_weight={"Biene": 2.0}, n_iter_no_change=np.inf).fit(X, THREE)
    yield "classifier-two", MLPClassifier(**common, early_stopping=True).fit(X.astype(np.float32), two)
    yield "classifier-booleans", MLPClassifier(**common | {"solver": "lbfgs"}).fit(X, two > 0)
    yield "classifier-multilabel", MLPClassifier(**common, dropout=0.1).fit(X, labels)
    yield "classifier-sparse-labels", MLPClassifier(**common).fit(X, csr_matrix(labels))
    yield "classifier-columns", MLPClassifier(**common).fit(X, columns)
    yield "classifier-ensemble", MLPClassifier(**common, **held, restarts=4, select="ensemble").fit(X, THREE)
    yield "classifier-after-partial-fit", _streamed(MLPClassifier(**common | {"random_state": None}), THREE)
    yield "regressor", MLPRegressor(**common, activation="tanh").fit(X, SUMS[:, 0].copy())
    yield "regressor-named", MLPRegressor(**common).fit(pl.DataFrame(X, schema=list("abcd")), SUMS[:, 0].copy())
    yield "regressor-outputs", MLPRegressor(**common, **held, restarts=3).fit(X, SUMS)
    quantiles = {"loss": "quantile", "loss_parameter": [0.1, 0.5, 0.9]}
    yield "regressor-quantiles", MLPRegressor(**common, **quantiles).fit(X, SUMS[:, 0].copy())
    yield "regressor-ensemble", MLPRegressor(**common, restarts=3, select="ensemble").fit(X, SUMS[:, 0].copy())


def _streamed(net: Any, y: Any) -> Any:
    net.random_state = np.random.RandomState(5)
    for k in range(0, ROWS, 20):
        net.partial_fit(X[k : k + 20], y[k : k + 20], **({} if k else {"classes": np.unique(y)}))
    return net


def table() -> str:
    """Return a CSV with numbers, categories, booleans, dates and text, of all of which some are missing."""
    lines = ["length,width,colour,tame,born,remark,animal,big,weight"]
    random = np.random.default_rng(1)
    for k in range(ROWS):
        a, b, c = (int(one) for one in random.integers(0, 100, 3))
        colour = "NA" if k % 17 == 2 else ('"dark, blue"', "grün", "red")[c % 3]
        tame = "" if k % 19 == 4 else ("false", "true")[b % 2]
        born = "" if k % 23 == 1 else f"20{10 + a % 9:02d}-{1 + b % 12:02d}-{1 + c % 28:02d}"
        numbers = ("" if k % 13 == 5 else f"{a / 8}"), ("nan" if k % 29 == 3 else str(b))
        cells = (*numbers, colour, tame, born, f"note {a * b + c}", ("ant", "bee", "cat")[(a + b) // 67])
        lines.append(",".join((*cells, str(a > b).lower(), f"{a * 0.25 + b * (c % 3) / 8}")))
    return "\n".join(lines) + "\n"


MODELS = {
    "model-classes": "--target animal --hidden 6 --epochs 6",
    "model-classes-textbook": "--target animal --preset textbook --hidden 6 --epochs 6",
    "model-booleans": "--target big --hidden 5 --epochs 6 --drop weight",
    "model-numbers": "--target weight --hidden 6,4 --activation relu,tanh --epochs 6",
    "model-numbers-textbook": "--target weight --preset textbook --hidden 6 --epochs 6 --validation 0",
    "model-blend-classes": "--target animal --quality good",
    "model-blend-booleans": "--target big --quality fast --drop weight --threshold f1",
    "model-blend-numbers": "--target weight --quality good --refit",
}


def tabular(folder: Path) -> Iterator[tuple[str, Any]]:
    """Estimators for tables, of the table in a folder, with targets of every kind."""
    rows, fast = pl.read_csv(folder / "table.csv"), {"quality": "fast", "random_state": 0}
    X, (animal, big, weights) = rows.drop(TARGETS), (rows[name].to_numpy() for name in TARGETS)
    both = np.stack([weights, -weights], axis=1)
    yield "tabular-classes", TabularClassifier(random_state=0, class_weight="balanced").fit(X, animal)
    yield "tabular-booleans", TabularClassifier(**fast, threshold="f1").fit(X, big)
    yield "tabular-labels", TabularClassifier(**fast).fit(X, np.stack([big, weights > 50], axis=1).astype(int))
    yield "tabular-numbers", TabularRegressor(**fast, restarts=2).fit(X, weights, weights + 1.0)
    yield "tabular-outputs", TabularRegressor(**fast).fit(X, both).refit(X, both)


def checkpointed(folder: Path, path: Path | None, **more: Any) -> Any:
    """Return the training that the checkpoint is of; with rows that were kept in a folder."""
    with np.load(folder / "inputs.npz") as given:
        return Network([4, 7, 1], seed=11).fit(given["X"], given["Y"], checkpoint=path, **CHECKPOINT, **more)


# ---------------------------------------------------------------- what they say


def said(thing: Any, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a thing that was read predicts, as arrays, and what else it says, as plain data."""
    with np.load(folder / "inputs.npz") as given:
        rows = given["rows"]
    if isinstance(thing, Network):
        found, told = (
            {"predict": thing.predict(rows), "theta": thing.theta},
            {"seed": thing.seed, "engine": thing.engine},
        )
    elif isinstance(thing, MLPClassifier | MLPRegressor):
        found, told = _said_by_estimator(thing, rows)
    elif isinstance(thing, TabularClassifier | TabularRegressor):
        found, told = _said_by_tabular(thing, pl.read_csv(folder / "table.csv").drop(TARGETS))
    else:
        found, told = _said_by_model(thing, folder / "table.csv")
    told["dtypes"] = {name: one.dtype.str for name, one in found.items()}
    return {name: one.astype(str) if one.dtype == object else one for name, one in found.items()}, told


def _said_by_model(model: Any, rows: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    found = {"predict": model.predict(rows), "theta": model.network.theta}
    if model.preprocessing.task.kind == "classify":
        found["probability"] = model.predict_probability(rows)
    elif model.blend is not None:
        found["interval"] = model.predict_interval(rows, 0.8)
    return found, {"record": model.record, "scores": plain(model.evaluate(rows).scores)}


def _said_by_estimator(net: Any, rows: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    names = getattr(net, "feature_names_in_", None)
    rows = rows if names is None else pl.DataFrame(rows, schema=list(names))
    predicted, chances = net.predict(rows), net.predict_proba(rows) if isinstance(net, MLPClassifier) else []
    found = {"predict": predicted.toarray() if issparse(predicted) else predicted}
    found["theta"] = np.stack([one.network.theta for one in net.restarts_])
    found |= {f"probability-{k}": one for k, one in enumerate(chances if isinstance(chances, list) else [chances])}
    told = {name: plain(getattr(net, name)) for name in TOLD if getattr(net, name, None) is not None}
    return found, told | {"sparse": issparse(predicted), "parameters": plain(_parameters(net))}


def _said_by_tabular(net: Any, rows: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    found = {"predict": net.predict(rows)}
    if isinstance(net, TabularClassifier):
        found["probability"] = net.predict_proba(rows)
    elif net.predict(rows).ndim == 1:
        found["interval"] = net.predict_interval(rows, 0.8)
    told = {name: plain(getattr(net, name)) for name in ("classes_", "notes_", "left_out_") if hasattr(net, name)}
    told["members"] = [[one.name, plain(one.weight), len(one.nets)] for one in net.members_]
    return found, told | {"parameters": plain(_parameters(net))}


def _parameters(net: Any) -> dict[str, Any]:
    """The parameters that are plain data; of a random generator only that it is none."""
    return {name: one for name, one in net.get_params().items() if not isinstance(one, np.random.RandomState)}


def plain(thing: Any) -> Any:
    """Return numbers as hex, and arrays and mappings as lists and objects of them."""
    if isinstance(thing, dict):
        return {name: plain(one) for name, one in thing.items()}
    if isinstance(thing, list | tuple | np.ndarray):
        return [plain(one) for one in thing]
    if isinstance(thing, float | np.floating):
        return float(thing).hex()
    return thing.item() if isinstance(thing, np.generic) else thing


def said_by_training(training: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return weights and curves of all restarts, and what else they say."""
    each = training.restarts
    found = {"theta": np.stack([one.network.theta for one in each])}
    found |= {name: np.concatenate([getattr(one, name) for one in each]) for name in ("loss_curve", "validation_curve")}
    told = {name: [plain(getattr(one, name)) for one in each] for name in ("status", "best_epoch", "best_loss")}
    return found, told | {"winner": training.winner}


# ---------------------------------------------------------------- writing


def narrow_members() -> None:
    """Make all members of blends narrow, and their descents short: files that are kept for ever are small."""
    for name, member in MEMBERS.items():
        MEMBERS[name] = replace(member, hidden=(5,) * len(member.hidden), samples=4_000, least=3, most=10)


def write(folder: Path) -> None:
    """Write all files into a folder."""
    narrow_members()
    (folder / "table.csv").write_text(table(), encoding="utf-8")
    np.savez_compressed(folder / "inputs.npz", X=X, Y=SUMS[:, 0], rows=inputs(7)[:40])
    for name, thing in (*networks(), *estimators(), *tabular(folder)):
        thing.save(folder / f"{name}.descend")
    for name, words in MODELS.items():
        path, more = folder / f"{name}.descend", ("--restarts", "3", "--jobs", "1")
        code, _, err = command("train", str(folder / "table.csv"), *words.split(), *more, "-o", str(path))
        if code:
            raise SystemExit(err)
    checkpointed(folder, folder / "checkpoint.safetensors", on_epoch=lambda progress: progress.epoch == 2)
    arrays, facts = {}, {"version": descend.__version__}
    for path in sorted(folder.glob("*.descend")):
        found, facts[path.stem] = said(descend.load(path), folder)
        arrays |= {f"{path.stem}/{name}": one for name, one in found.items()}
    found, facts["checkpoint"] = said_by_training(checkpointed(folder, None))
    arrays |= {f"checkpoint/{name}": one for name, one in found.items()}
    np.savez_compressed(folder / "expected.npz", **arrays)
    (folder / "expected.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> int:
    """Write the files of this version, if there are none yet."""
    folder = DATA / ("written-by-" + ".".join(descend.__version__.split(".")[:2]))
    if folder.exists():
        print(f"{folder} is there: files of an old version are not written anew.")
        return 1
    folder.mkdir(parents=True)
    write(folder)
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{len(list(folder.iterdir()))} files, {size:,} bytes in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
