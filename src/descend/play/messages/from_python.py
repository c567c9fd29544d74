"""What Python says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from descend.play.messages.settings import Settings


@dataclass(frozen=True)
class Choice:
    """One value that a setting may take: its name, its words, a longer explanation (a formula, a source)."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Bounds:
    """The range of a setting that is a number."""

    least: float
    most: float
    whole: bool = False


@dataclass(frozen=True)
class Lesson:
    """A guided one: what is set, what to do, what should be seen; texts are plain, paragraphs are list entries."""

    name: str
    title: str
    text: list[str]
    todo: list[str]
    seen: str
    settings: dict[str, Any]
    view: str


@dataclass(frozen=True)
class Welcome:
    """All that may be chosen."""

    version: str
    host: Literal["page", "notebook"]
    defaults: Settings
    choices: dict[str, list[Choice]]  # setting -> values: data, activation, init, loss, schedule, optimizer
    bounds: dict[str, Bounds]  # setting -> range
    lessons: list[Lesson]
    upload_bytes: int  # the most that an upload may have; 0: none can be made
    type: Literal["welcome"] = "welcome"


@dataclass(frozen=True)
class Experiment:
    """What is learnt, by which network.

    Arrays: "points" (m, 3) float32 of x_1, x_2 and y (or class) for two inputs, (m, 2) of x and y for a curve; "part"
    (m,) uint8: 0 trains, 1 chooses, 2 judges.

    Parameters
    ----------
    settings : Settings
        As they are now.
    address : str
        The same as the address's ``#…`` part, without the #.
    title : str
        What is learnt, in a line.
    kind : str
        "plane" (two numbers in), "curve" (one number in, one out), "table".
    task : str
        "classes" or "numbers".
    targets : list of str
        Of the table's columns those that may be learnt.
    classes : list of str
        Labels, in the order of the outputs (two classes may have one output).
    sizes, activations, bias : lists
        n_0 … n_d; σ of layers 1 … d; the bias constants of layers 0 … d−1.
    inputs, outputs : list of str
        Names of the nodes of layers 0 and d.
    loss : str
        L.
    trainable : bool
        False for a model without rows: it can be looked at, not trained.
    rows : list of int
        Rows that train, choose, judge.
    choosable : int
        Rows of which one is chosen to be looked at: those that train, or, of a model without rows, some that are drawn.
    extent : list of float
        Of the plane: least x_1, most x_1, least x_2, most x_2; of a curve: least x, most x, least y, most y.
    rounds_per_epoch : int
        Rounds in an epoch.
    race_epochs : list of int
        Epochs at which the worse half is killed.
    members : list of str
        Of a blend: its networks by weight, in words.
    facts : list of list of str
        What there is to say of rows, network and run: pairs of a head and words, `describe/`'s.
    """

    settings: Settings
    address: str
    title: str
    kind: Literal["plane", "curve", "table"]
    task: Literal["classes", "numbers"]
    targets: list[str]
    classes: list[str]
    sizes: list[int]
    activations: list[str]
    bias: list[float]
    inputs: list[str]
    outputs: list[str]
    loss: str
    trainable: bool
    rows: list[int]
    choosable: int
    extent: list[float]
    rounds_per_epoch: int
    race_epochs: list[int]
    members: list[str]
    facts: list[list[str]]
    type: Literal["experiment"] = "experiment"


@dataclass(frozen=True)
class Picture:
    """Where the training stands, and what the restart that is looked at looks like.

    Arrays, each only where it makes sense and is not too large (a picture has at most 20,000 weights):

    - restarts: "curve_epochs" (p,) int32; "loss", "validation_loss" (K, p) float32, nan after a restart's end;
      "best_loss" (K,) float64; "ended" (K,) int32, epochs done of those that have ended, else −1.
    - network: "theta" (P,) float64: W_0 … W_{d−1} one after the other, each (n_l + 1, n_{l+1}) with the bias row last
      ((n_l, n_{l+1}) without bias node); of the chosen row "v", "s", "delta", "dL_dv" float64, layers 0 … d one after
      the other without bias nodes (s and δ of layer 0 are nan), "dL_dW" (P,) float64; "maps" (nodes of layers 0 … d,
      g, g) float32 of v over the plane, first axis x_2 from the top; "health" (hidden nodes,) uint8: 0 well, 1 dead,
      2 saturated, 3 a duplicate; of too many weights "edge_mean" (layers, 2) float64: mean and largest |w|.
    - answers: "surface" (outputs, g, g) float32 over the plane; "curve_x" (n,), "curve_y" (n,), "curve_parts" (nodes of
      layer d−1, n) float32, what each adds; "confusion" (C, C) int32, true by predicted, and "judged" rows in words;
      "true", "predicted" (m,) float32.

    Parameters
    ----------
    running, finished : bool
        Whether the training runs now; whether it has come to its end.
    epoch, round : int
        Epochs and rounds that the restart that is looked at has done.
    shown_epoch : int
        The epoch whose weights are shown; `epoch` unless the page travels in time.
    kept : list of int
        Epochs to which the page can travel.
    best_epoch : int
        Epochs of that restart after which its loss on the rows that choose was lowest; −1: none yet.
    restart, winner : int
        The restart that is looked at, the one that would be kept now.
    status : list of str
        Of each restart: "running", "finished", "stopped early", "diverged", "killed".
    loss : float or None
        L of the chosen row with the weights shown.
    edited : bool
        Whether weights were set by hand after the first round: the address does not reproduce those.
    chosen : list of list of str
        The chosen row as it stands in the table: pairs of a column and its value; then the target.
    answer : str
        What the network says of it.
    judged : str
        Of which rows the matrix or the points of true and predicted are.
    scores : list of list of str
        Of the restart that is looked at, pairs of a head and words: losses, accuracy; `describe/`'s.
    race : list of list of str
        Of all restarts, the same: how they stand, the chance that one run is within 5 % of the best.
    """

    running: bool
    finished: bool
    epoch: int
    round: int
    shown_epoch: int
    kept: list[int]
    best_epoch: int
    restart: int
    winner: int
    status: list[str]
    loss: float | None
    edited: bool
    chosen: list[list[str]]
    answer: str
    judged: str
    scores: list[list[str]]
    race: list[list[str]]
    type: Literal["picture"] = "picture"


@dataclass(frozen=True)
class Step:
    """One step of the walk through a round: what is lit, the formula, the lines with the numbers plugged in.

    Parameters
    ----------
    part : str
        "row", "forward", "loss", "delta", "gradient", "update", "after".
    layer : int
        The layer that is lit (of gradient and update: W's).
    title : str
        The formula, as in docs/mathematics/.
    lines : list of str
        The same with numbers, 17 significant digits; `describe/`'s.
    """

    part: str
    layer: int
    title: str
    lines: list[str]


@dataclass(frozen=True)
class Round:
    """One round of SGD on the chosen row, from the weights shown. Nothing is changed by looking at it."""

    row: int
    restart: int
    epoch: int
    steps: list[Step]
    type: Literal["round"] = "round"


@dataclass(frozen=True)
class GradientCheck:
    """Back-propagation against finite differences at the weights shown: words, and whether they agree."""

    passed: bool
    words: list[str]
    type: Literal["gradient_check"] = "gradient_check"


@dataclass(frozen=True)
class Numbers:
    """What is known of one node or edge: names of the mathematics -> numbers."""

    what: Literal["node", "edge"]
    layer: int
    from_node: int
    to_node: int
    values: dict[str, float | None]
    type: Literal["numbers"] = "numbers"


@dataclass(frozen=True)
class File:
    """A download; array "bytes" uint8."""

    name: str
    mime: str
    type: Literal["file"] = "file"


@dataclass(frozen=True)
class Refused:
    """A message that was not followed; `setting` names the setting that is wrong, or is "". All stays as it was."""

    setting: str
    text: str
    type: Literal["refused"] = "refused"


@dataclass(frozen=True)
class Said:
    """A note on what was read, or a warning of the training."""

    text: str
    type: Literal["said"] = "said"
