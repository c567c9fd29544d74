"""One network that learns the answers of others: its recipe, its rows, its descent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.models.blends.blocks import generator
from descend.models.blends.encoded import encode
from descend.models.blends.members import DISTILLED
from descend.models.distil.around import rows_around
from descend.models.recipe import Recipe
from descend.nets.network import Network
from descend.preprocessing.encoders.inputs import Inputs
from descend.training.observers import Progress
from descend.training.result import Training
from descend.typing import Array, is_whole

ROWS, LEAST_MADE = 60_000, 20_000  # rows that a student learns, about; of them made
MOST_GIVEN = 200_000  # rows of the table that it learns
CHOOSING = 4_000  # made rows that choose its best iterate
SAMPLES, FEWEST_EPOCHS = 8_000_000, 5  # samples that a descent visits, about
BATCH = 256
_AROUND_KEY, _GIVEN_KEY = 0x61726F756E64, 0x676976656E  # "around", "given"
CHOOSE, COMPARE = 0x63686F6F7365, 0x636F6D70617265  # "choose", "compare": what made rows are for that are not learnt

Teacher = Callable[[Inputs], Array]  # rows -> what it answers, (m, n_d): probabilities, or z-scores
Draw = Callable[[int, int], Inputs]  # (rows, seed) -> made rows


@dataclass(frozen=True)
class DistilOptions:
    """How a student is made.

    Parameters
    ----------
    hidden : tuple of int, default (64, 64)
        Nodes of its hidden layers.
    epochs : int or None, default None
        Passes over its rows; None: so many that about 8 million samples are visited, at least 5.
    restarts : int, default 2
        Descents, of which the best is kept.
    seed : int, default 0
        Of made rows, initial weights and order of samples.
    n_jobs : int or None, default None
        Threads; None: as many as there are cores. The bits do not depend on it.
    """

    hidden: tuple[int, ...] = (64, 64)
    epochs: int | None = None
    restarts: int = 2
    seed: int = 0
    n_jobs: int | None = None

    def check(self, who: str = "distil") -> None:
        """Refuse what cannot be.

        Raises
        ------
        SpecError
            Listing all that is wrong.
        """
        problems = []
        if not self.hidden or not all(is_whole(n, 1) for n in self.hidden):
            problems.append(f"`hidden` must be whole numbers ≥ 1, such as (64, 64); got {self.hidden!r}.")
        if self.epochs is not None and not is_whole(self.epochs, 1):
            problems.append(f"`epochs` must be a whole number ≥ 1, or None; got {self.epochs!r}.")
        if not is_whole(self.restarts, 1):
            problems.append(f"`restarts` must be a whole number ≥ 1; got {self.restarts!r}.")
        if not is_whole(self.seed, 0):
            problems.append(f"`seed` must be a whole number ≥ 0; got {self.seed!r}.")
        if problems:
            raise SpecError(f"{who}: " + " ".join(problems))

    def recipe(self, rows: int, output: str, loss: str) -> Recipe:
        """Return every option of the descents on so many rows as a number."""
        epochs = self.epochs or max(FEWEST_EPOCHS, round(SAMPLES / rows))
        return Recipe(
            preset=DISTILLED,
            hidden=self.hidden,
            activation=("mish",) * len(self.hidden),
            output=output,
            loss=loss,
            init="auto",
            optimizer="adamw",
            learning_rate=0.01,
            schedule="flat_cosine",
            beta_2=0.999,
            l2=0.0,
            epochs=epochs,
            batch_size=min(BATCH, rows),
            patience=None,
            restarts=self.restarts,
            race=None,
            seed=self.seed,
        )


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a student learns.

    Parameters
    ----------
    encoders : sequence of encoder
        Plain ones: what the student sees of a row.
    given : Inputs or None
        Rows of a table; rows are made around them.
    draw : callable or None
        Makes rows where none are given.
    teacher : callable
        Its answers are learnt.
    output, loss : str
        Of the student.
    """

    encoders: Sequence[Any]
    given: Inputs | None
    draw: Draw | None
    teacher: Teacher
    output: str
    loss: str

    def to_learn(self, seed: int) -> list[Inputs]:
        """Return the rows that are learnt, in parts: given ones, and those made around them; or made ones alone."""
        given = self._some(seed)
        if given is None:
            return [self._drawn(ROWS, seed)]
        made = max(LEAST_MADE, ROWS - given.rows)
        return [given, rows_around(given, self.seen(given), made, generator(seed, _AROUND_KEY))]

    def others(self, seed: int, key: int) -> Inputs:
        """Return made rows that are not learnt: one key for those that choose, another for those that compare."""
        given = self._some(seed)
        if given is None:
            return self._drawn(CHOOSING, seed + key)
        return rows_around(given, self.seen(given), CHOOSING, generator(seed, key))

    def _some(self, seed: int) -> Inputs | None:
        """The given rows, of very many a part."""
        if self.given is None or self.given.rows <= MOST_GIVEN:
            return self.given
        chosen = generator(seed, _GIVEN_KEY).permutation(self.given.rows)[:MOST_GIVEN]
        return self.given.take(np.sort(chosen))

    def _drawn(self, rows: int, seed: int) -> Inputs:
        assert self.draw is not None
        return self.draw(rows, seed)

    def answers(self, inputs: Inputs) -> Array:
        """Return what the teacher says of rows, as the student learns it, float32: shares of classes sum to 1."""
        found = self.teacher(inputs)
        if self.output == "softmax":
            found = np.maximum(found, 0.0)
            found = found / np.add.reduce(found, axis=1, keepdims=True)
        return np.asarray(found, dtype=np.float32)

    def learn(
        self, options: DistilOptions, on_epoch: Callable[[Progress], object] | None = None
    ) -> tuple[Training[Network], Recipe, int]:
        """Let the student descend; return its training, its recipe and how many rows it learnt.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C; nothing is kept.
        """
        parts, choosing = self.to_learn(options.seed), self.others(options.seed, CHOOSE)
        X, Y = (np.concatenate([of(part) for part in parts]) for of in (self.seen, self.answers))
        recipe = options.recipe(len(X), self.output, self.loss)
        network = Network(**recipe.network_options(X.shape[1], Y.shape[1]))
        training = network.fit(
            X,
            Y,
            validation=(self.seen(choosing), self.answers(choosing)),
            n_jobs=options.n_jobs,
            on_epoch=on_epoch,
            **recipe.fit_options(),
        )
        return training, recipe, len(X)

    def seen(self, inputs: Inputs) -> Array:
        """Return what the student sees of rows."""
        return encode(self.encoders, inputs)
