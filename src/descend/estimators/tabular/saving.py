"""How an estimator for tables is written to a file."""

from __future__ import annotations

from pathlib import Path

from sklearn.utils.validation import check_is_fitted

from descend.estimators.mlp.moment import as_it_is
from descend.estimators.tabular.file import save_tabular


class Saves:
    """`save`, of an estimator for tables as it is at that moment."""

    def save(self, path: str | Path) -> None:
        """Write the estimator to a file; `descend.load` reads it. The old file stays until the new one is complete.

        Predictions of what comes back have the same bits, and it can be refitted; `oof_prediction_` is not kept.

        Parameters
        ----------
        path : str or Path
            By custom it ends in ``.descend``. Its folder is made if it is absent.

        Raises
        ------
        SpecError
            If a parameter or a class cannot be written as data.
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> from descend import TabularRegressor, load
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True)
        >>> net = TabularRegressor(quality="fast", random_state=0).fit(X, y)
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "diabetes.descend"
        >>> net.save(path)
        >>> bool((load(path).predict(X) == net.predict(X)).all())
        True
        """
        now = as_it_is(self)
        check_is_fitted(now)
        save_tabular(now, path)
