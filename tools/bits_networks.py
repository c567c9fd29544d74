"""Networks of the grid: one training each, over regimes of the engine, activations, losses and the options of `fit`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np

from descend import DivergenceError, Network

DTYPES = ("float32", "float64")
OPTIMIZERS = {"sgd": 0.05, "momentum": 0.01, "nesterov": 0.01, "adam": 0.01, "adamw": 0.01}
Case = Callable[[], Any]


@dataclass(frozen=True)
class Job:
    """One training: sizes, arguments of `Network` and of `fit`, number of rows; `more` makes arguments from X and Y."""

    sizes: tuple[int, ...]
    net: Mapping[str, Any] = field(default_factory=dict)
    fit: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 40
    more: Callable[[Any, Any], dict[str, Any]] | None = None

    def given(self, net: Mapping[str, Any] | None = None, fit: Mapping[str, Any] | None = None) -> Job:
        """Return the same with other arguments."""
        return replace(self, net={**self.net, **(net or {})}, fit={**self.fit, **(fit or {})})

    def data(self) -> tuple[Any, Any]:
        """X and Y."""
        X = inputs(self.rows, self.sizes[0])
        return X, targets(X, self.sizes[-1], self.net.get("output", "identity"), self.net.get("loss", "squared"))

    def network(self) -> Network:
        """Return the network before the training."""
        return Network(self.sizes, **{"seed": 5, **self.net})

    def train(self, **more: Any) -> Any:
        """Train; returns what `fit` does."""
        X, Y = self.data()
        made = self.more(X, Y) if self.more else {}
        return self.network().fit(X, Y, **{"epochs": 3, **self.fit, **made, **more})

    def __call__(self) -> Any:
        """Return all that the training gives, or the words of its divergence."""
        try:
            return facts(self.train(), self.data()[0])
        except DivergenceError as error:
            return ["diverged", str(error)]


def inputs(rows: int, columns: int, seed: int = 0) -> Any:
    """Return numbers from −1 to 1, (rows, columns); made without functions whose last bit machines disagree about."""
    return np.random.default_rng(seed).uniform(-1, 1, (rows, columns))


def targets(X: Any, outputs: int, output: str, loss: str) -> Any:
    """Return targets that fit an output and a loss, (m, n_d)."""
    columns = [X[:, k % X.shape[1]] * X[:, (k + 1) % X.shape[1]] + 0.5 * X[:, -1 - k % X.shape[1]]
               for k in range(outputs)]  # fmt: skip
    raw = np.stack(columns, axis=1)
    if output == "softmax":
        return np.eye(outputs)[raw.argmax(axis=1)]
    if loss == "log_loss":
        return (raw > 0).astype(float)
    return np.floor(2 + 2 * raw).clip(0) if loss == "poisson" else raw


def facts(training: Any, X: Any) -> list[Any]:
    """Return all that a training says, but for seconds and versions."""
    spread, best = training.spread, training.best
    told = ("best", "median", "worst", "diverged", "killed", "chance", "enough")
    return [
        [restart(one) for one in training.restarts],
        [training.winner, training.selected_on, training.finished, training.seed, training.order],
        [getattr(spread, name) for name in told],
        [training.corrected_loss, best.theta, best.predict(X), best.predict_one(X[0])],
    ]


def restart(one: Any) -> list[Any]:
    """Return all that a restart says, but for its seconds."""
    names = ("number", "status", "loss_curve", "validation_curve", "best_epoch", "best_loss")
    seed = [one.seed.entropy, one.seed.spawn_key]
    return [*(getattr(one, name) for name in names), seed, one.network.theta]


# ---------------------------------------------------------------- regimes of the engine

RELU, TANH, SILU = {"activation": "relu"}, {"activation": "tanh"}, {"activation": "silu"}
SOFTMAX = {"output": "softmax", "loss": "log_loss"}
REGIMES = {
    "single-narrow": Job((6, 12, 1), RELU),
    "single-narrow-wider": Job((20, 60, 1), RELU),
    "single-one-layer": Job((7, 3), SOFTMAX),
    "single-thin-and-wide": Job((20, 40, 14, 3), TANH),
    "single-no-bias": Job((5, 17, 6, 2), {**SILU, "bias": 0}),
    "single-rows-that-do-not-count": Job((20, 256, 80, 1), RELU, {"epochs": 2}, 20),
    "block": Job((600, 32, 2), TANH, {"epochs": 2}, 60),
    "block-deep": Job((530, 48, 12, 3), {**RELU, **SOFTMAX}, {"epochs": 2}, 31),
    "batch-shallow": Job((8, 32, 1), RELU, {"batch_size": 16}, 90),
    "batch-shallow-4-outputs": Job((5, 20, 4), {**RELU, **SOFTMAX}, {"batch_size": 32}, 90),
    "batch-few-outputs": Job((10, 24, 12, 2), TANH, {"batch_size": 16}, 70),
    "batch-general": Job((12, 24, 20, 19), {**SILU, **SOFTMAX}, {"batch_size": 7}, 50),
    "batch-one-layer": Job((9, 2), {}, {"batch_size": 8}, 50),
    "batch-many-weights": Job((200, 170, 10), RELU, {"batch_size": 130, "epochs": 2}, 270),
    "batch-small-chunks": Job((40, 70, 60, 1), TANH, {"batch_size": 150, "epochs": 2}, 300),
    "lanes-single": Job((2, 8, 1), RELU, {"restarts": 16}),
    "lanes-single-part": Job((3, 6, 2), TANH, {"restarts": 13}),
    "lanes-single-deep": Job((4, 6, 5, 3), {**SILU, **SOFTMAX}, {"restarts": 18}),
    "lanes-batch": Job((2, 8, 1), RELU, {"restarts": 19, "batch_size": 8}),
    "lanes-batch-large": Job((3, 5, 4, 2), TANH, {"restarts": 33, "batch_size": 30}),
    "alone-several": Job((20, 40, 3), TANH, {"restarts": 3}),
}


def regimes() -> Iterator[tuple[str, Case]]:
    """Every regime with every optimiser and dtype."""
    for (name, job), optimizer, dtype in product(REGIMES.items(), OPTIMIZERS, DTYPES):
        fit = {"optimizer": optimizer, "learning_rate": OPTIMIZERS[optimizer]}
        fit |= {"l2": 0.01} if optimizer in ("momentum", "adamw") else {}
        yield f"regime/{name}/{optimizer}/{dtype}", job.given({"dtype": dtype}, fit)


# ---------------------------------------------------------------- activations, losses

SIGMAS = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus")
WAYS = {"single": {}, "batch": {"batch_size": 9}, "lanes": {"restarts": 16}}


def activations() -> Iterator[tuple[str, Case]]:
    """Every hidden activation in rounds of one sample, in batches, in lanes and in the reference."""
    nets = {name: {"activation": [name, "tanh"]} for name in SIGMAS}
    nets["step"] = {"activation": "step", "step_surrogate": "straight_through"}
    for (name, net), (way, fit), dtype in product(nets.items(), WAYS.items(), DTYPES):
        yield f"activation/{name}/{way}/{dtype}", Job((3, 6, 4, 2), {**net, "dtype": dtype}, fit)
    for name, net in nets.items():
        yield f"activation/{name}/reference", Job((3, 6, 4, 2), {**net, "engine": "reference"}, {}, 15)
    own = {"activation": (lambda s: s * s, lambda s: 2 * s), "engine": "reference"}
    yield "activation/own/reference", Job((3, 4, 1), own, {"learning_rate": 0.01}, 15)


def losses() -> Iterator[tuple[str, Case]]:
    """Every loss with every output that it fits."""
    pairs = list(product(("squared", "absolute", "huber", "quantile"), SIGMAS))
    pairs += [("poisson", "exp"), ("log_loss", "sigmoid"), ("log_loss", "softmax")]
    for place, (loss, output) in enumerate(pairs):
        net = {"output": output, "loss": loss, "dtype": DTYPES[place % 2]}
        if loss in ("huber", "quantile"):
            net["loss_parameter"] = [0.3, 0.8, 0.5]
        for way, fit in WAYS.items():
            yield f"loss/{loss}/{output}/{way}", Job((4, 7, 3), net, {**fit, "learning_rate": 0.02})
        yield f"loss/{loss}/{output}/reference", Job((4, 7, 3), {**net, "engine": "reference"}, {}, 12)


# ---------------------------------------------------------------- options of fit


def _weights(X: Any, Y: Any) -> dict[str, Any]:
    return {"sample_weight": np.floor(3 * np.abs(X[:, 0]) + 0.5)}


def _pair(X: Any, Y: Any) -> dict[str, Any]:
    return {"validation": (X[::3], Y[::3])}


def _triple(X: Any, Y: Any) -> dict[str, Any]:
    return {"validation": (X[::3], Y[::3], 1 + X[::3, 0])}


def _weights_and_share(X: Any, Y: Any) -> dict[str, Any]:
    return _weights(X, Y) | {"validation": 0.25}


BOTH = {"validation": 0.25, "epochs": 8}
OPTIONS: dict[str, dict[str, Any]] = {
    "dropout": {"dropout": 0.3},
    "dropout-per-layer": {"dropout": [0.5, 0.1], "dropout_schedule": "linear"},
    "dropout-schedule-numbers": {"dropout": 0.4, "dropout_schedule": [0.01 * (k % 100) for k in range(400)]},
    "front-scale": {"front_scale": True},
    "front-scale-factors": {"front_scale": True, "l2": 0.01, "decay_factors": {"front_scale": 0.5, "bias": 1},
                            "learning_rate_factors": {"front_scale": 6, "bias": 0.1}},
    "factors-per-layer": {"learning_rate_factors": {"weights": [1, 0.5, 2], "bias": [0, 1, 1]}},
    "decay-schedule": {"l2": 0.02, "decay_schedule": "cosine"},
    "everything-unusual": {"dropout": 0.2, "front_scale": True, "l2": 0.01, "decay_schedule": "linear",
                           "optimizer": "adamw", "learning_rate": 0.01, "schedule": "coslog4", **BOTH},
    "rates-in-a-list": {"learning_rate": [0.1 / (1 + k % 7) for k in range(400)]},
    "rates-by-function": {"learning_rate": lambda t: 0.1 / (1 + t)},
    "replacement": {"sampling": "replacement"},
    "sequential": {"sampling": "sequential"},
    "order-own": {"order": "own", "restarts": 6},
    "order-shared": {"order": "shared", "restarts": 6},
    "order-own-replacement": {"order": "own", "sampling": "replacement", "restarts": 6},
    "l2": {"l2": 0.05},
    "validation-share": {"validation": 0.25},
    "validate-every": {**BOTH, "validate_every": 3},
    "patience": {**BOTH, "learning_rate": 0.3, "patience": 1},
    "patience-validate-every": {**BOTH, "learning_rate": 0.3, "patience": 3, "validate_every": 2},
    "race": {**BOTH, "restarts": 7, "race": "halving"},
    "race-16-epochs": {"validation": 0.25, "epochs": 16, "restarts": 18, "race": "halving"},
    "race-patience": {**BOTH, "restarts": 9, "race": "halving", "patience": 2, "learning_rate": 0.2},
    "restarts-5-jobs-1": {"restarts": 5, "n_jobs": 1},
    "restarts-5-jobs-2": {"restarts": 5, "n_jobs": 2},
    "restarts-20-jobs-2": {"restarts": 20, "n_jobs": 2, **BOTH},
    "rounds": {"rounds": 17},
    "rounds-validation": {"rounds": 17, "validation": 0.25, "validate_every": 4, "restarts": 3},
    "rounds-1": {"rounds": 1},
    "momentum-half": {"optimizer": "momentum", "momentum": 0.5, "learning_rate": 0.02},
    "adam-odd": {"optimizer": "adam", "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3, "learning_rate": 0.01},
    "seed": {"seed": 123456789012345678901234567890},
    "no-limit": {"time_limit": 1e9, "restarts": 3},
    "batch-as-large-as-the-rows": {"batch_size": 4000},
    "hopeless-rate": {"learning_rate": 1e30},
    "hopeless-rate-validation": {"learning_rate": 1e30, **BOTH, "restarts": 3},
}  # fmt: skip
SCHEDULES = ("linear", "cosine", "flat_cosine", "coslog4", "warmup_cosine", "inverse_sqrt", "exponential")
MADE = {
    "sample-weight": _weights,
    "sample-weight-validation-share": _weights_and_share,
    "validation-pair": _pair,
    "validation-triple": _triple,
}
BASES = {
    "single": Job((4, 9, 6, 2), TANH),
    "batch": Job((4, 9, 6, 2), {**RELU, "dtype": "float64"}, {"batch_size": 7}),
    "lanes": Job((2, 5, 4, 1), TANH, {"restarts": 17}),
    "reference": Job((3, 4, 3, 1), {**TANH, "engine": "reference"}, {"epochs": 2}, 16),
    "reference-batch": Job((3, 4, 3, 1), {**TANH, "engine": "reference"}, {"epochs": 2, "batch_size": 5}, 16),
}


def options() -> Iterator[tuple[str, Case]]:
    """Every option of `fit` in every way to run."""
    for (base, job), (name, fit) in product(BASES.items(), OPTIONS.items()):
        yield f"option/{name}/{base}", job.given(fit=fit)
    for (base, job), name in product(BASES.items(), SCHEDULES):
        yield f"schedule/{name}/{base}", job.given(fit={"schedule": name})
    for (base, job), (name, make) in product(BASES.items(), MADE.items()):
        yield f"option/{name}/{base}", replace(job, more=make)
    smooth = {"label_smoothing": 0.1, "validation": 0.25}
    for base, job in BASES.items():
        yield f"option/label-smoothing-softmax/{base}", replace(job, sizes=(4, 6, 3)).given(SOFTMAX, smooth)
        sigmoid = {"output": "sigmoid", "loss": "log_loss"}
        yield f"option/label-smoothing-sigmoid/{base}", replace(job, sizes=(4, 6, 2)).given(sigmoid, smooth)


# ---------------------------------------------------------------- how networks begin

INITIALISATIONS = ("auto", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform")
BEGINNINGS = {
    **{f"init-{name}": {"init": name} for name in INITIALISATIONS},
    "bias-per-layer": {"bias": [0.5, 0, 2.0]},
    "engine-reference": {"engine": "reference"},
    "seed-large": {"seed": 2**80},
}


def beginnings() -> Iterator[tuple[str, Case]]:
    """Initial weights, before and after a few rounds."""
    for name, net in BEGINNINGS.items():
        job = Job((4, 8, 5, 2), net, {"restarts": 2, "epochs": 1}, 12)
        yield f"begin/{name}", lambda job=job: [job.network().theta, job()]


def cases() -> Iterator[tuple[str, Case]]:
    """All of them by name."""
    for some in (regimes, activations, losses, options, beginnings):
        yield from some()
