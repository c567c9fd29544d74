"""What learning a blend tells while it goes on, and what it gives."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from descend.models.blends.blend import Blend
from descend.models.blends.descent import Net, Place
from descend.typing import Array


@dataclass(frozen=True, eq=False)
class Standing:
    """What a member was worth on rows that its networks have not learnt.

    Parameters
    ----------
    name : str
        The member.
    weight : float
        What it counts in the blend; 0: it was left out.
    loss : float
        On the rows that its folds hold out; mean log-loss, or mean squared error of z-scores.
    first_loss : float
        The same on the first fold alone, on which all members are compared.
    nets : tuple of Net
        Its networks.
    score : float
        By what chooses, if that is not the loss; less is better.
    """

    name: str
    weight: float
    loss: float
    first_loss: float
    nets: tuple[Net, ...]
    score: float = math.nan


@dataclass(frozen=True, eq=False)
class BlendTraining:
    """What learning a blend gave.

    Parameters
    ----------
    blend : Blend
        The members that count.
    standings : tuple of Standing
        All members that were tried, the heaviest first.
    outputs : ndarray of float64, shape (n, n_d)
        Out-of-fold answers of the blend; NaN for rows that no fold has held out.
    loss : float
        Of these; optimistic, the weights were chosen on them.
    finished : bool
        False if the time limit or Ctrl-C ended it.
    score : float
        By what chose, if that is not the loss; less is better.
    of_members : dict of str to ndarray
        Out-of-fold answers of each member that counts, as `outputs`, before they are clipped.
    fold : ndarray of int64, shape (n,)
        The fold that holds each row out; −1: none.
    choice : tuple of Standing
        Where members were chosen on a sample: all of them there, the heaviest first.
    """

    blend: Blend
    standings: tuple[Standing, ...]
    outputs: Array
    loss: float
    finished: bool
    score: float = math.nan
    of_members: dict[str, Array] = field(default_factory=dict)
    fold: Array = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    choice: tuple[Standing, ...] = ()


@dataclass(frozen=True)
class NetDone:
    """A network of a blend has come to its end.

    Parameters
    ----------
    net : Net or None
        None if the table has nothing that its member learns from.
    place : Place
        Which.
    done, planned : int
        Networks so far, and in all, as far as is known.
    seconds : float
        Since the descents began.
    """

    net: Net | None
    place: Place
    done: int
    planned: int
    seconds: float
