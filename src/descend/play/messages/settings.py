"""An experiment in words."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    """An experiment in words: what the page's controls show and the address holds; checked by `settings.py`.

    Parameters
    ----------
    data : str
        "circles", "xor", "moons", "spiral", "spiral3", "blobs", "plane", "bumps", "curve"; "table:NAME" of a bundled
        table; "own": the user's table or model that the command, the upload or the notebook gave.
    noise : float
        Deviation of the noise of made data, 0 to 1, in units of their size.
    samples : int
        Made rows, all parts together, 20 to 5,000.
    target : str
        Column that is learnt, of tables; "" elsewhere.
    hidden : list of int
        n_1 … n_{d−1}.
    activation : list of str
        σ of each hidden layer.
    straight_through : bool
        The surrogate of the binary step.
    bias : float
        Constant of the bias node; 0: none.
    init : str
        Initialisation; "zeros" is refused, with the reason.
    seed : int
        Of weights, orders, made rows.
    loss : str
        "auto", or a name of the table of losses.
    learning_rate : float
        η.
    schedule : str
        Shape of η.
    batch_size : int
        Samples a round.
    optimizer : str
        How a gradient changes the weights.
    l2 : float
        λ.
    dropout : float
        Share of the hidden nodes that a sample leaves out.
    epochs : int
        Length of the run.
    restarts : int
        K separate descents, 1 to 256.
    race : bool
        Whether the worse half is killed at 1/16, 1/8, 1/4, 1/2 of the epochs.
    speed : float
        Epochs a second; 0: as fast as the processor.
    row : int
        The row that is looked at, 0 … rows − 1 of the training rows.
    restart : int
        The restart that is looked at; −1: the one that would be kept now.
    member : int
        The network of a blend that is looked at, by weight; 0 is the heaviest.
    edits : list of list of float
        Weights set by hand before the first round: [restart, layer, from, to, weight] each.
    """

    data: str = "circles"
    noise: float = 0.1
    samples: int = 400
    target: str = ""
    hidden: list[int] = field(default_factory=lambda: [4])
    activation: list[str] = field(default_factory=lambda: ["tanh"])
    straight_through: bool = False
    bias: float = 1.0
    init: str = "auto"
    seed: int = 0
    loss: str = "auto"
    learning_rate: float = 0.05
    schedule: str = "constant"
    batch_size: int = 1
    optimizer: str = "sgd"
    l2: float = 0.0
    dropout: float = 0.0
    epochs: int = 200
    restarts: int = 16
    race: bool = True
    speed: float = 20.0
    row: int = 0
    restart: int = -1
    member: int = 0
    edits: list[list[float]] = field(default_factory=list)
