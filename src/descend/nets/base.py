"""`NetworkBase`: what a network is and holds, and what it predicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from types import ModuleType
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from descend.errors import DataError, SpecError, raise_problems, warn_user
from descend.machine import resolve_jobs
from descend.nets.weights import Weights, flat_weights
from descend.spec.indexed import Field, IndexedRows, Samples, expanded
from descend.spec.init import check_not_symmetric, initial_theta
from descend.spec.network import NetworkSpec, make_spec
from descend.training.arrays import as_row, as_X, finite_outputs
from descend.training.doors import ENGINES, door
from descend.training.memory import check_weights_fit
from descend.training.seeds import checked_seed, fresh_entropy, restart_seed
from descend.typing import Array

PARALLEL_FROM = 20_000_000  # multiply-adds of a prediction from which all cores are used
_ALL_IDENTITY = (
    "Network: all hidden layers are identity, so the network is one linear layer, however deep. "
    'Use a non-linear activation such as "tanh" or "relu".'
)


class NetworkBase:
    """The fields of a `Network`, how they come about, and the forward pass."""

    spec: NetworkSpec
    theta: Array
    dtype: np.dtype[Any]
    seed: int
    engine: str
    _trained: bool

    def __init__(
        self,
        sizes: Sequence[int],
        activation: object = "tanh",
        output: object = "identity",
        loss: str = "squared",
        loss_parameter: float | Sequence[float] | None = None,
        bias: float | Sequence[float] = 1.0,
        init: str = "auto",
        step_surrogate: str | None = None,
        dtype: str = "float32",
        seed: int | None = None,
        engine: str = "native",
        init_last: str | None = None,
        fields: Sequence[Field] = (),
    ) -> None:
        spec = make_spec(sizes, activation, output, loss, loss_parameter, bias, init, step_surrogate, init_last, fields)
        self._set(spec, dtype, seed, engine)
        if spec.depth > 1 and all(row.name == "identity" for row in spec.activations[:-1]):
            warn_user(_ALL_IDENTITY)
        check_weights_fit(spec, self.dtype)
        random = np.random.Generator(np.random.PCG64(restart_seed(self.seed, 0)))
        self.theta = initial_theta(spec, random).astype(self.dtype)
        self._trained = False

    @classmethod
    def from_spec(
        cls, spec: NetworkSpec, theta: Array, *, dtype: str = "float32", seed: int | None = None, engine: str = "native"
    ) -> Self:
        """Make a network from a spec and its flat weights, (theta_size,).

        Raises
        ------
        SpecError
            If the weights do not fit the spec, or are not finite.
        """
        net = cls.__new__(cls)
        net._set(spec, dtype, seed, engine)
        if np.shape(theta) != (spec.theta_size,) or not np.isfinite(theta).all():
            raise SpecError(
                f"Network: `theta` must hold {spec.theta_size} finite weights; got shape {np.shape(theta)}."
            )
        net.theta = np.array(theta, dtype=net.dtype)
        net._trained = True
        return net

    def _set(self, spec: NetworkSpec, dtype: Any, seed: int | None, engine: str) -> None:
        problems = []
        if dtype not in ("float32", "float64", np.float32, np.float64):
            problems.append(f'`dtype` must be "float32" or "float64"; got {dtype!r}.')
        if engine not in ENGINES:
            problems.append(f'`engine` must be "native" or "reference"; got {engine!r}.')
        elif engine == "native" and any(row.name == "custom" for row in spec.activations):
            problems.append("a user's own activation (σ, σ') works on the reference engine: pass engine=\"reference\".")
        raise_problems(SpecError, "Network", problems)
        self.spec, self.dtype, self.engine = spec, np.dtype(dtype), engine
        self.seed = checked_seed(fresh_entropy() if seed is None else seed, 0)[0]

    # ------------------------------------------------------------ weights

    @property
    def W(self) -> Weights:
        """W_0 … W_{d−1}: views of `theta`."""
        return Weights(self.spec, self.spec.weights(self.theta))

    @W.setter
    def W(self, given: Iterable[ArrayLike]) -> None:
        theta = flat_weights(self.spec, given, "W")
        check_not_symmetric(self.spec, theta)
        self.theta[:] = theta

    # ------------------------------------------------------------ predicting

    def predict(self, X: ArrayLike | IndexedRows, n_jobs: int | None = None) -> Array:
        """Forward pass.

        Parameters
        ----------
        X : array_like or IndexedRows
            (m, n_0), finite.
        n_jobs : int or None
            Threads; None: all cores for large batches. The bits do not depend on it.

        Returns
        -------
        ndarray
            v_d, (m, n_d), of the network's dtype; finite.

        Raises
        ------
        DataError
            If X has another shape or holds what is not a finite number; if a prediction is too large for the dtype.

        Examples
        --------
        >>> from descend import Network
        >>> Network([2, 1], seed=0).predict([[0.0, 0.0]]).tolist()
        [[0.0]]
        """
        if n_jobs is None and (few := self._few(X)) is not None:
            return few
        problems: list[str] = []
        rows = as_X(X, self.spec, self.dtype, problems)
        raise_problems(DataError, "predict", problems)
        return finite_outputs(self._outputs(rows, n_jobs), "predict")

    def _outputs(self, rows: Samples, n_jobs: int | None = None) -> Array:
        """v_d of rows (m, n_0) of the network's dtype, as it comes: numbers that are too large are infinite."""
        jobs = self._jobs(len(rows), n_jobs)
        few = self._few(rows)
        if few is not None:
            return few
        prediction: Array = self._door().predict(self.spec, self.theta, rows, jobs)
        return prediction

    def _few(self, X: object) -> Array | None:
        """v_d of few rows, the short way; None: go the long way, which converts, computes, or says what is wrong."""
        found: Array | None = self._predictor.predict_rows(self.theta, X)
        return found

    def _jobs(self, rows: int, n_jobs: int | None) -> int:
        """Threads for so many rows; None: all cores if that is much work."""
        large = rows * self.spec.theta_size >= PARALLEL_FROM
        return resolve_jobs(n_jobs if n_jobs is not None or large else 1)

    def predict_one(self, row: ArrayLike | IndexedRows) -> Array:
        """Forward pass of one row: the bits of ``predict([row])[0]`` in a fraction of its time.

        Fastest, under a microsecond for small nets, from an array of the network's dtype; an array of the other float
        type, a list or a tuple of Python's numbers costs little more.

        Parameters
        ----------
        row : array_like or IndexedRows
            (n_0,), finite; or one row by index.

        Returns
        -------
        ndarray
            v_d, (n_d,), of the network's dtype; a new array; finite.

        Raises
        ------
        DataError
            If the row has another shape or holds what is not a finite number; if the prediction is too large.

        Examples
        --------
        >>> from descend import Network
        >>> net = Network([2, 1], seed=0)
        >>> net.W = [[[1.0], [2.0], [0.5]]]
        >>> net.predict_one([3.0, 4.0]).tolist()
        [11.5]
        """
        if isinstance(row, IndexedRows):
            return self._one_by_index(row)
        prediction: Array | None = self._predictor.predict_row(self.theta, row)
        if prediction is None:
            clean = expanded(as_row(row, self.spec, self.dtype, "predict_one"))
            prediction = self._predictor.predict_row(self.theta, clean)
        if prediction is None:
            prediction = finite_outputs(self._outputs(clean[None]), "predict_one")[0]
        return prediction

    def _one_by_index(self, row: IndexedRows) -> Array:
        prediction: Array | None = None
        if row.fields == self.spec.fields and row.n_0 == self.spec.sizes[0]:
            prediction = self._indexed_predictor.predict_row(self.theta, row.arrays)
        if prediction is None:
            one = as_row(row, self.spec, self.dtype, "predict_one")
            prediction = finite_outputs(self._outputs(one), "predict_one")[0]
        return prediction

    @cached_property
    def _indexed_predictor(self) -> Any:
        return self._door().indexed_predictor(self.spec, self.dtype)

    @cached_property
    def _predictor(self) -> Any:
        """The short way for one row, or few. It keeps nothing of the weights."""
        return self._door().predictor(self.spec, self.dtype)

    def _door(self) -> ModuleType:
        return door(self.engine)

    # ------------------------------------------------------------ pickling

    def __getstate__(self) -> dict[str, Any]:
        compiled = ("_predictor", "_indexed_predictor")  # made anew
        return {name: value for name, value in self.__dict__.items() if name not in compiled}
