"""The raw table as each kind of peer wants it: dates in parts, categories in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MISSING = "(missing)"


@dataclass(frozen=True)
class Prepared:
    """Rows to learn and rows to predict, and which columns are categories."""

    train: Any
    test: Any
    categories: list[str]

    @property
    def numbers(self) -> list[str]:
        """The other columns."""
        return [name for name in self.train.columns if name not in self.categories]


def with_parts_of_dates(X: Any) -> Any:
    """Put numbers in the place of each date: year, month, day, weekday, day of the year, days since 1970.

    No peer takes a date as it is; these are the columns that one makes by hand.

    Examples
    --------
    >>> import pandas as pd
    >>> with_parts_of_dates(pd.DataFrame({"d": pd.to_datetime(["2013-02-01"])})).iloc[0].tolist()
    [2013.0, 2.0, 1.0, 4.0, 32.0, 15737.0]
    """
    import pandas as pd

    columns: dict[str, Any] = {}
    for name in X.columns:
        column = X[name]
        if not pd.api.types.is_datetime64_any_dtype(column):
            columns[name] = column
            continue
        parts = {part: getattr(column.dt, part) for part in ("year", "month", "day", "day_of_week", "day_of_year")}
        parts["days"] = (column - pd.Timestamp("1970-01-01")).dt.total_seconds() / 86400
        columns |= {f"{name}.{part}": values.astype(float) for part, values in parts.items()}
    return pd.DataFrame(columns, index=X.index)


def prepare(train: Any, test: Any) -> Prepared:
    """Return the table with plain names of columns (LightGBM takes no brackets), numbers and truth values as float64.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"a[1]": [True, False], "word": ["x", "y"]})
    >>> made = prepare(X, X)
    >>> made.categories, made.numbers, made.train.to_dict("list")
    (['x1'], ['x0'], {'x0': [1.0, 0.0], 'x1': ['x', 'y']})
    """
    from pandas.api.types import is_numeric_dtype

    parts = [with_parts_of_dates(one) for one in (train, test)]
    parts = [one.set_axis([f"x{i}" for i in range(one.shape[1])], axis=1).reset_index(drop=True) for one in parts]
    words = [name for name in parts[0].columns if not is_numeric_dtype(parts[0][name])]  # truth values are numeric
    floats = dict.fromkeys([name for name in parts[0].columns if name not in words], "float64")
    return Prepared(parts[0].astype(floats), parts[1].astype(floats), words)


def as_categories(made: Prepared, only: Sequence[str] | None = None) -> Prepared:
    """Give the categories pandas' type, with the levels of the training rows; others are missing in the test rows.

    Examples
    --------
    >>> import pandas as pd
    >>> made = as_categories(prepare(pd.DataFrame({"w": ["b", "a"]}), pd.DataFrame({"w": ["c", "b"]})))
    >>> made.test["x0"].cat.codes.tolist()
    [-1, 1]
    """
    import pandas as pd

    names = made.categories if only is None else list(only)
    types = {name: pd.CategoricalDtype(sorted(made.train[name].dropna().unique())) for name in names}
    known = {name: made.test[name].where(made.test[name].isin(kind.categories)) for name, kind in types.items()}
    return Prepared(made.train.astype(types), made.test.assign(**known).astype(types), made.categories)


def named_missing(made: Prepared) -> Prepared:
    """Make a level of its own of what is missing in a category.

    Examples
    --------
    >>> import pandas as pd
    >>> named_missing(prepare(pd.DataFrame({"w": ["b", None]}), pd.DataFrame({"w": ["c"]}))).train["x0"].tolist()
    ['b', '(missing)']
    """
    filled = [one.fillna(dict.fromkeys(made.categories, MISSING)) for one in (made.train, made.test)]
    return Prepared(*filled, made.categories)


def imputed(made: Prepared) -> Prepared:
    """Put the median of the training rows in the place of missing numbers, with a column that says where.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"a": [1.0, None, 3.0]})
    >>> imputed(prepare(X, X)).train.to_numpy().tolist()
    [[1.0, 0.0], [2.0, 1.0], [3.0, 0.0]]
    """
    import pandas as pd

    middle = made.train[made.numbers].median().fillna(0.0)
    gaps = [name for name in made.numbers if made.train[name].isna().any()]
    parts = [
        pd.concat([one.fillna(middle), one[gaps].isna().astype(float).add_suffix(".missing")], axis=1)
        for one in (made.train, made.test)
    ]
    return Prepared(*parts, made.categories)
