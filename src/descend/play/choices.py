"""All that may be chosen, with its words: values, formulas, ranges."""

from __future__ import annotations

from descend.play.messages import Bounds, Choice
from descend.play.rows.made import CLASSICS
from descend.spec.activations import ACTIVATIONS
from descend.tables.datasets import datasets

ACTIVATION_NOTES = {
    "step": "sign(s); its derivative is 0, so it learns only with the surrogate",
    "identity": "s",
    "sigmoid": "1 / (1 + e^−s)",
    "tanh": "(e^s − e^−s) / (e^s + e^−s)",
    "relu": "max(s, 0)",
    "leaky_relu": "s, or 0.01 s below 0",
    "elu": "s, or e^s − 1 below 0",
    "selu": "κ s, or κ α (e^s − 1) below 0",
    "gelu": "s Φ(s)",
    "silu": "s / (1 + e^−s)",
    "mish": "s tanh(log(1 + e^s))",
    "softplus": "log(1 + e^s)",
}
INIT_NOTES = {
    "auto": "by the activation: He for ReLU and its relatives, else Glorot",
    "glorot_uniform": "uniform, variance 2 / (fan-in + fan-out)",
    "glorot_normal": "normal, variance 2 / (fan-in + fan-out)",
    "he_uniform": "uniform, variance 2 / fan-in",
    "he_normal": "normal, variance 2 / fan-in",
    "lecun_uniform": "uniform, variance 1 / fan-in",
    "lecun_normal": "normal, variance 1 / fan-in",
    "zeros": "all weights 0: refused where there is a hidden layer, with the reason",
}
LOSS_NOTES = {
    "auto": "log-loss for classes, squared for numbers",
    "squared": "½ Σ (v − y)²",
    "absolute": "Σ |v − y|",
    "huber": "½ r² for |r| ≤ 1, else |r| − ½; r = v − y",
    "quantile": "½ |v − y|: the median",
    "poisson": "Σ y log(y / v) + v − y; for counts",
    "log_loss": "−Σ y log v; for classes",
}
SCHEDULE_NOTES = {
    "constant": "η stays as it is",
    "linear": "falls evenly to 0",
    "cosine": "falls as half a wave of the cosine",
    "flat_cosine": "stays for half the run, then falls as a cosine",
    "coslog4": "four waves, each longer than the one before",
    "warmup_cosine": "rises for a twentieth of the run, then falls as a cosine",
    "inverse_sqrt": "falls with the root of the rounds",
    "exponential": "falls to a hundredth",
}
OPTIMIZER_NOTES = {
    "sgd": "W ← W − η ∂L/∂W",
    "momentum": "V ← μ V − η ∂L/∂W;  W ← W + V",
    "nesterov": "momentum, looking ahead",
    "adam": "each weight has a step of its own, from the mean and the size of its gradients",
    "adamw": "Adam, with the penalty apart from the gradient",
}
BOUNDS = {
    "noise": Bounds(0.0, 1.0),
    "samples": Bounds(20, 5000, whole=True),
    "bias": Bounds(-10.0, 10.0),
    "seed": Bounds(0, 2**53 - 1, whole=True),
    "learning_rate": Bounds(0.0, 100.0),
    "batch_size": Bounds(1, 10_000, whole=True),
    "l2": Bounds(0.0, 10.0),
    "dropout": Bounds(0.0, 0.9),
    "epochs": Bounds(1, 20_000, whole=True),
    "restarts": Bounds(1, 256, whole=True),
    "speed": Bounds(0.0, 1000.0),
    "row": Bounds(0, 2**31 - 1, whole=True),
    "restart": Bounds(-1, 255, whole=True),
    "member": Bounds(0, 10_000, whole=True),
    "hidden": Bounds(1, 1024, whole=True),  # nodes of a layer
}
MOST_LAYERS = 8


def data_choices(own: str, size: str = "") -> list[Choice]:
    """Return what may be learnt: the classics, the bundled tables, and the user's own if there is one.

    Examples
    --------
    >>> [one.value for one in data_choices("my.csv")][-3:]
    ['table:diamonds', 'table:bikes', 'own']
    >>> data_choices("my.csv", "344 rows × 8 columns")[-1].note
    'yours: 344 rows × 8 columns'
    """
    made = [Choice(name, one.title, one.note) for name, one in CLASSICS.items()]
    tables = [Choice(f"table:{one.name}", one.name, one.about) for one in datasets()]
    return [*made, *tables, *([Choice("own", own, f"yours: {size}" if size else "yours")] if own else [])]


def choices(own: str, size: str = "") -> dict[str, list[Choice]]:
    """Return the values of each setting that is chosen by name.

    Parameters
    ----------
    own : str
        What the user gave, in words; "": nothing.
    size : str, default ""
        Its size, in words; "": it has none.
    """
    hidden = {name: ACTIVATION_NOTES[name] for name, row in ACTIVATIONS.items() if row.hidden}
    named = {
        "activation": hidden,
        "init": INIT_NOTES,
        "loss": LOSS_NOTES,
        "schedule": SCHEDULE_NOTES,
        "optimizer": OPTIMIZER_NOTES,
    }
    lists = {
        setting: [Choice(name, _label(name), note) for name, note in one.items()] for setting, one in named.items()
    }
    return {"data": data_choices(own, size)} | lists


_LABELS = {"sgd": "SGD", "relu": "ReLU", "leaky_relu": "leaky ReLU", "elu": "ELU", "selu": "SELU", "gelu": "GELU"}
_LABELS |= {"silu": "SiLU", "log_loss": "log-loss", "adam": "Adam", "adamw": "AdamW", "step": "binary step"}
_LABELS |= {"glorot_uniform": "Glorot, uniform", "glorot_normal": "Glorot, normal", "he_uniform": "He, uniform"}
_LABELS |= {"he_normal": "He, normal", "lecun_uniform": "LeCun, uniform", "lecun_normal": "LeCun, normal"}
_LABELS |= {"momentum": "momentum", "nesterov": "Nesterov", "poisson": "Poisson", "huber": "Huber"}
_LABELS |= {
    "auto": "automatic",
    "zeros": "all zeros",
    "inverse_sqrt": "inverse root",
    "warmup_cosine": "warm-up, cosine",
}


def _label(name: str) -> str:
    return _LABELS.get(name, name.replace("_", " "))
