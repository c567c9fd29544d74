"""How a model comes to be, and what it does with what it has learnt: it teaches a small network, and goes on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from descend.registry import find

if TYPE_CHECKING:
    from descend.models.updating.of_model import Update


class LearnsFurther:
    """A part of `Model`."""

    @classmethod
    def fit(
        cls,
        batches: Any,
        target: str,
        *,
        n_jobs: int | None = None,
        checkpoint: str | Path | None = None,
        resume: bool = False,
        **options: Any,
    ) -> Self:
        """Learn a table, also one that is larger than memory.

        Parameters
        ----------
        batches : callable, or what `predict` takes, or a folder, a pattern or a list of files
            A callable returns an iterator of Arrow record batches, of data frames (pandas, polars, and others) or of
            mappings from names to columns: of DuckDB, Spark, a data set of Hugging Face, without their code. It is
            called once for a look at its columns and once for each of two passes (three, of so few rows that one
            network is learnt instead of a blend), in the thread of this call, and must give the same rows each time.
            Its rows stay on the disk, and so do those of files that would not fit into memory. What is learnt is what
            `descend train` learns: a blend, or one network where an option shapes one.
        target : str
            The column to learn.
        n_jobs, checkpoint, resume
            As in `Network.fit`. After Ctrl-C prepared rows stay on the disk beside the checkpoint, as
            ``<checkpoint>.rows``, for ``resume=True`` with the same options; at the end they are removed.
        **options
            Fields of `descend.models.options.TrainOptions`, such as ``epochs=5``, ``out_of_core=True`` or
            ``window=256_000_000``.

        Returns
        -------
        Model
            Its scores on untouched rows are in ``record["scores"]["test"]``.

        Raises
        ------
        SpecError, DataError, FileError, DivergenceError
            As `descend train` says them.

        Examples
        --------
        >>> import numpy as np
        >>> def batches():
        ...     for start in range(0, 3000, 1000):
        ...         x = np.arange(start, start + 1000) % 37
        ...         yield {"x": x, "large": np.where(x > 18, "yes", "no")}
        >>> from descend import Model
        >>> model = Model.fit(batches, "large", epochs=4, restarts=1, hidden=(4,))
        >>> model.predict({"x": [3, 30]}).tolist()
        ['no', 'yes']
        """
        made: Self = find("Model.fit")(batches, target, options, n_jobs, checkpoint, resume)
        return made

    def distil(
        self,
        table: Any = None,
        *,
        hidden: Sequence[int] = (64, 64),
        epochs: int | None = None,
        restarts: int = 2,
        seed: int = 0,
        n_jobs: int | None = None,
    ) -> Self:
        """Return a model of one network that imitates this one: for a microsecond, or a microcontroller.

        It learns the answers of this model, probabilities of classes or numbers, on rows of a table and on rows drawn
        around them. What it lost is told by ``record["distilled"]``.

        Parameters
        ----------
        table : Table, path, data frame, mapping, list of mappings, ndarray or None, default None
            Rows to learn by, at best those of the training, with the target or without. One in ten is held out to
            compare the two. None: rows are drawn from the model's summary of its training rows, which is worse.
        hidden : sequence of int, default (64, 64)
            Nodes of its hidden layers.
        epochs : int or None, default None
            Passes over the rows that are learnt; None: about 8 million samples.
        restarts : int, default 2
            Descents, of which the best is kept.
        seed : int, default 0
            Of made rows, initial weights and order of samples.
        n_jobs : int or None, default None
            Threads; None: all cores. The bits do not depend on it.

        Raises
        ------
        SpecError, DataError
            If options cannot be; if the table cannot be read, or is not given and the model keeps no summary.
        """
        from descend.models.distil.of_model import distil_model
        from descend.models.distil.student import DistilOptions

        options = DistilOptions(tuple(hidden), epochs, restarts, seed, n_jobs)
        small: Self = distil_model(self, table, options).model
        return small

    def update(
        self,
        table: Any,
        *,
        group: str | None = None,
        time: str | None = None,
        missing: Sequence[str] = (),
        step: float = 0.1,
        epochs: int | None = None,
        seed: int = 0,
        n_jobs: int | None = None,
    ) -> Update:
        """Go on learning, on new rows; the model that is better on a fifth of them, which is held out, stays.

        Encoders stay, and what each member counts. The new model is kept if its loss on the held-out rows is lower by
        more than two standard errors of the differences row by row; else the old one. If costs decide which class is
        answered, they compare instead of the loss, and if a metric chose the threshold, it does.

        Parameters
        ----------
        table : Table, path, data frame, mapping, list of mappings or ndarray
            New rows with their targets, as `evaluate` takes them; at least 25.
        group : str or None, default None
            Column whose values name groups of rows that stay together.
        time : str or None, default None
            Column of dates or numbers that the model reads: the latest rows are held out.
        missing : sequence of str, default ()
            Words, such as "" and "?", beside those of the training: rows whose target is one of them are left out;
            else a missing target is an error.
        step : float, default 0.1
            η, as a share of the first training's, above 0, at most 1.
        epochs : int or None, default None
            Passes over the new rows; None: 5 to 40, about 200,000 samples.
        seed : int, default 0
            Of the rows that are held out, and the order of samples.
        n_jobs : int or None, default None
            Networks that descend at once; None: all cores. The bits do not depend on it.

        Returns
        -------
        Update
            `model` is what stays, `better` whether that is the new one; `old` and `new` are the scores of both.

        Raises
        ------
        SpecError, DataError
            If options cannot be; if the table cannot be read, has too few rows, or an unknown class.
        """
        from descend.models.updating.going_on import UpdateOptions
        from descend.models.updating.of_model import RowOptions, update_model

        return update_model(self, table, UpdateOptions(step, epochs, seed, n_jobs), RowOptions(group, time, missing))
