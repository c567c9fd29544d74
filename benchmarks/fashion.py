"""Fashion-MNIST: 784-128-10, ReLU, softmax, log loss, to 87 % of the test rows: accuracy against seconds."""

from __future__ import annotations

import gzip
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import agreement, measure, ours
from benchmarks.results import Line, Result
from benchmarks.table import Options
from benchmarks.works import Array
from descend import Network
from descend.reference.order import epoch_order

PACKAGE = "dataset-fashion-mnist"
FOLDER = Path(__file__).resolve().parents[1] / ".data"
SIZES = (784, 128, 10)
TARGET = 0.87
RATES = {1: 0.003, 32: 0.05}  # step size by batch size
PARTS = 4  # points of a peer's curve in an epoch
EPOCHS, CAP, QUICK_CAP = 30, 180.0, 15.0  # at most, and seconds at most
CHECK_ROWS = 640

Start = list[Array]


@dataclass(frozen=True)
class Images:
    """The data: rows in [0, 1], float32; labels; the training labels one-hot."""

    X: Array
    labels: Array
    Y: Array
    X_test: Array
    labels_test: Array


@dataclass(frozen=True)
class Learner:
    """Somebody who learns the rows `rows` in that order, and tells the weights."""

    learn: Callable[[Array], None]
    weights: Callable[[], Start]


@dataclass(frozen=True)
class Curve:
    """Accuracy on the test rows after so many epochs and seconds of training."""

    epochs: list[float]
    seconds: list[float]
    accuracy: list[float]

    @property
    def seconds_to_target(self) -> float | None:
        """Seconds at the first whole epoch with the wanted accuracy; None if it was not reached."""
        points = zip(self.epochs, self.seconds, self.accuracy, strict=True)
        return next((s for epoch, s, accuracy in points if epoch == int(epoch) and accuracy >= TARGET), None)

    @property
    def seconds_per_epoch(self) -> float:
        """Seconds per epoch over the part that was run."""
        return self.seconds[-1] / self.epochs[-1]


# ---------------------------------------------------------------- the benchmark


def run_fashion(options: Options) -> Result:
    """Follow ours, PyTorch and scikit-learn at batch 1 and 32; peers are stopped at a cap, nothing is extrapolated."""
    title = "Fashion-MNIST 784-128-10: accuracy against time"
    try:
        images = load_images()
    except (OSError, subprocess.SubprocessError) as error:
        return Result("fashion-mnist", title, notes=[f"Fashion-MNIST is skipped: {error}"])
    curves: dict[str, Curve] = {}
    skipped: dict[str, str] = {}
    for batch in RATES:
        curves |= _curves(images, batch, options, skipped)
    lines = [line for batch in RATES for line in _lines(curves, batch)]
    plain = {name: asdict(curve) for name, curve in curves.items()}
    details = {"curves": plain, "target": TARGET, "learning_rate": RATES, "rows": len(images.X)}
    return Result("fashion-mnist", title, lines, [*skipped.values(), *_notes(curves)], details)


def _curves(images: Images, batch: int, options: Options, skipped: dict[str, str]) -> dict[str, Curve]:
    net = Network(SIZES, activation="relu", output="softmax", loss="log_loss", seed=0, engine=options.engine)
    cap = QUICK_CAP if options.quick else CAP
    curves = {f"ours, batch {batch}": _our_curve(net, images, batch, options.engine, cap)}
    orders = _orders(net, images, batch, options.engine)
    for name, make in {"PyTorch": _torch, "scikit-learn": _sklearn}.items():
        try:
            _agrees(name, make, net, images, batch, options.engine)
            learner = make(images, [np.array(W, np.float32) for W in net.W], batch)
        except ImportError as error:
            skipped[name] = f"{name} is skipped: {error}"
            continue
        curves[f"{name}, batch {batch}"] = follow(_parts(learner, orders), learner.weights, images, cap, PARTS)
    return curves


def follow(
    runs: Iterator[measure.Run], weights: Callable[[], Start], images: Images, cap: float, parts: int = 1
) -> Curve:
    """Run part after part of training; the clock stands still while accuracy is measured.

    Stops at the first whole epoch with the wanted accuracy, or after `cap` seconds.
    """
    curve, clock = Curve([0.0], [0.0], [_accuracy(weights(), images)]), 0.0
    for number, run in enumerate(runs, start=1):
        clock += measure.timed(run)[0]
        curve.epochs.append(number / parts)
        curve.seconds.append(clock)
        curve.accuracy.append(_accuracy(weights(), images))
        if clock >= cap or curve.seconds_to_target is not None:
            break
    return curve


def _accuracy(weights: Start, images: Images) -> float:
    v = images.X_test
    for layer, W in enumerate(weights):
        s = v @ W[:-1] + W[-1]
        v = np.maximum(s, 0.0) if layer + 1 < len(weights) else s
    return float((v.argmax(axis=1) == images.labels_test).mean())


# ---------------------------------------------------------------- ours


def _prepared(net: Network, X: Array, Y: Array, batch: int, epochs: int) -> Any:
    return ours.prepared(net, X, Y, epochs=epochs, batch_size=batch, learning_rate=RATES[batch], n_jobs=1)


def _our_curve(net: Network, images: Images, batch: int, engine: str, cap: float) -> Curve:
    ready = _prepared(net, images.X, images.Y, batch, EPOCHS)
    state = ready.group.states[0]

    def epoch() -> None:
        ours.door(engine).advance(ready.group.plan, ready.group.data, [state], state.epoch + 1, 1, None)

    runs = (epoch for _ in range(EPOCHS))
    return follow(runs, lambda: ready.group.plan.spec.weights(state.theta), images, cap)


def _orders(net: Network, images: Images, batch: int, engine: str) -> Iterator[Array]:
    seed = _prepared(net, images.X, images.Y, batch, 1).states[0].order_seed
    return (epoch_order(seed, epoch, len(images.X), "shuffle") for epoch in range(EPOCHS))


# ---------------------------------------------------------------- peers

MakeLearner = Callable[[Images, Start, int], Learner]


def _parts(learner: Learner, orders: Iterator[Array]) -> Iterator[measure.Run]:
    for order in orders:
        for rows in np.split(order, PARTS):
            yield lambda rows=rows: learner.learn(rows)  # type: ignore[misc]


def _agrees(name: str, make: MakeLearner, net: Network, images: Images, batch: int, engine: str) -> None:
    """Two epochs on a few rows: the same weights, or an error."""
    few = Images(images.X[:CHECK_ROWS], images.labels[:CHECK_ROWS], images.Y[:CHECK_ROWS], images.X, images.labels)
    ready = _prepared(net, few.X, few.Y, batch, 2)
    ours.door(engine).advance(ready.group.plan, ready.group.data, ready.group.states, 2, 1, None)
    start = [np.array(W, np.float32) for W in net.W]
    learner = make(few, start, batch)
    for epoch in range(2):
        learner.learn(epoch_order(ready.group.states[0].order_seed, epoch, CHECK_ROWS, "shuffle"))
    mine = ready.group.plan.spec.weights(ready.group.states[0].theta)
    agreement.check(f"{name}, Fashion-MNIST, batch {batch}", [mine], [learner.weights()], [start])


def _torch(images: Images, start: Start, batch: int) -> Learner:
    import torch

    from benchmarks.peers_torch import make_model, model_weights

    model, loss = make_model(start), torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATES[batch])
    X, labels = torch.from_numpy(images.X), torch.from_numpy(images.labels)

    def learn(rows: Array) -> None:
        chosen = torch.from_numpy(rows)
        for x, label in zip(X[chosen].split(batch), labels[chosen].split(batch), strict=True):
            optimizer.zero_grad()
            loss(model(x), label).backward()
            optimizer.step()

    return Learner(learn, lambda: model_weights(model))


def _sklearn(images: Images, start: Start, batch: int) -> Learner:
    from sklearn.neural_network import MLPClassifier

    from benchmarks.peers_sklearn import get_weights, set_weights

    net = MLPClassifier(
        hidden_layer_sizes=SIZES[1:-1],
        activation="relu",
        solver="sgd",
        alpha=0.0,
        batch_size=batch,
        learning_rate_init=RATES[batch],
        momentum=0.0,
        nesterovs_momentum=False,
        shuffle=False,
    )
    net.partial_fit(images.X[:batch], images.labels[:batch], classes=np.arange(10))
    set_weights(net, start)
    return Learner(lambda rows: net.partial_fit(images.X[rows], images.labels[rows]) and None, lambda: get_weights(net))


# ---------------------------------------------------------------- lines


def _lines(curves: dict[str, Curve], batch: int) -> Iterator[Line]:
    mine = curves[f"ours, batch {batch}"]
    for name in ("PyTorch", "scikit-learn"):
        theirs = curves.get(f"{name}, batch {batch}")
        if theirs is None:
            continue
        each = mine.seconds_per_epoch, theirs.seconds_per_epoch
        yield _line(f"Fashion-MNIST, batch {batch}, one epoch", name, *each)
        reached = mine.seconds_to_target, theirs.seconds_to_target
        if reached[0] is not None and reached[1] is not None:
            yield _line(f"Fashion-MNIST, batch {batch}, to {100 * TARGET:.0f} % test", name, reached[0], reached[1])


def _line(work: str, name: str, mine: float, theirs: float) -> Line:
    ratio = theirs / mine
    return Line(work, mine, name, theirs, "s", measure.Ratio(ratio, ratio, ratio))


def _notes(curves: dict[str, Curve]) -> Iterator[str]:
    for name, curve in curves.items():
        if curve.seconds_to_target is None:
            yield (
                f"{name}: {100 * TARGET:.0f} % not reached; stopped after {curve.seconds[-1]:.0f} s, "
                f"{curve.epochs[-1]:g} epochs, at {100 * curve.accuracy[-1]:.1f} %."
            )


# ---------------------------------------------------------------- data


def load_images() -> Images:
    """Read the images from the ignored folder ``.data``; fetch Debian's package if they are not there.

    Raises
    ------
    OSError, subprocess.SubprocessError
        If they cannot be had.
    """
    folder = FOLDER / "usr/share/datasets/fashion-mnist"
    if not folder.exists():
        _fetch()
    X, X_test = (read_idx(folder / f"{part}-images-idx3-ubyte.gz").reshape(-1, SIZES[0]) for part in ("train", "t10k"))
    labels, labels_test = (read_idx(folder / f"{part}-labels-idx1-ubyte.gz").astype(int) for part in ("train", "t10k"))
    scaled = [np.ascontiguousarray(rows, np.float32) / np.float32(255) for rows in (X, X_test)]
    return Images(scaled[0], labels, np.eye(10, dtype=np.float32)[labels], scaled[1], labels_test)


def _fetch() -> None:
    FOLDER.mkdir(exist_ok=True)
    _run("apt-get", "download", PACKAGE)
    _run("dpkg-deb", "-x", *(path.name for path in sorted(FOLDER.glob(f"{PACKAGE}_*.deb"))[-1:]), ".")


def _run(*command: str) -> None:
    subprocess.run(command, cwd=FOLDER, check=True, capture_output=True, timeout=300)


def read_idx(path: Path) -> Array:
    """Read one gzipped idx file of bytes: a header of 4 bytes, the sizes as big-endian 32-bit numbers, the bytes."""
    content = gzip.decompress(path.read_bytes())
    if content[:3] != b"\x00\x00\x08":
        raise OSError(f"{path}: an idx file of bytes begins with 00 00 08; got {content[:3].hex(' ')}.")
    sizes = np.frombuffer(content, ">u4", content[3], 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * content[3]).reshape(sizes)
