"""Bundled tables: small, real, freely licensed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from descend.errors import DataError, closest

__all__ = ["Dataset", "dataset_path", "datasets"]


@dataclass(frozen=True)
class Dataset:
    """A bundled table.

    Parameters
    ----------
    name : str
        Its name; the file is ``<name>.csv``.
    rows, columns : int
        Its size; the target is one of the columns.
    target : str
        The column that is usually predicted.
    task : {"classify", "regress"}
        What the target makes of it.
    licence, source : str
        Under which licence it is, and where it comes from.
    about : str
        One sentence.

    Examples
    --------
    >>> [(row.name, row.rows, row.target) for row in datasets()]
    [('penguins', 344, 'species'), ('diamonds', 12000, 'price'), ('bikes', 700, 'rentals')]
    """

    name: str
    rows: int
    columns: int
    target: str
    task: str
    licence: str
    source: str
    about: str

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return Path(__file__).parent / f"{self.name}.csv"


_DATASETS = (
    Dataset(
        name="penguins",
        rows=344,
        columns=7,
        target="species",
        task="classify",
        licence="CC0 1.0",
        source="Palmer Station LTER and K. Gorman; R package modeldata",
        about="Size, sex and island of penguins of three species; some cells are missing.",
    ),
    Dataset(
        name="diamonds",
        rows=12_000,
        columns=10,
        target="price",
        task="regress",
        licence="MIT",
        source="R package ggplot2; a random slice of its 53,940 rows",
        about="Price of cut diamonds by weight, size and grades of cut, colour and clarity.",
    ),
    Dataset(
        name="bikes",
        rows=700,
        columns=8,
        target="rentals",
        task="regress",
        licence="CC BY 4.0",
        source="Bike Sharing, H. Fanaee-T, UCI Machine Learning Repository; a random slice of the hours of 2011",
        about="Bikes rented in an hour in Washington, D.C., by date, hour and weather.",
    ),
)


def datasets() -> tuple[Dataset, ...]:
    """Return the bundled tables.

    Examples
    --------
    >>> datasets()[0].licence
    'CC0 1.0'
    """
    return _DATASETS


def dataset_path(name: str) -> Path:
    """Return the path of a bundled table's file.

    Raises
    ------
    DataError
        Naming the closest, if there is none of that name.

    Examples
    --------
    >>> dataset_path("penguins").name
    'penguins.csv'
    >>> dataset_path("pinguins")
    Traceback (most recent call last):
    descend.errors.DataError: datasets: there is no bundled table "pinguins". Did you mean "penguins"?
    """
    for row in _DATASETS:
        if row.name == name:
            return row.path
    raise DataError(f'datasets: there is no bundled table "{name}". {closest(name, [row.name for row in _DATASETS])}')
