"""How much work a blend is given: members, folds and starts, by one word."""

from __future__ import annotations

from dataclasses import dataclass

from descend.models.blends.members import MEMBERS, Member


@dataclass(frozen=True)
class Quality:
    """One row of the table of qualities.

    Parameters
    ----------
    name, summary : str
        What users write, and what it is.
    members : tuple of str
        Names of `MEMBERS` that are tried.
    folds : int
        Folds of the training rows.
    starts : int
        Networks of a member on each fold.
    keep : int or None
        Members that go on after the first fold; None: all.
    """

    name: str
    summary: str
    members: tuple[str, ...]
    folds: int
    starts: int
    keep: int | None = None

    def folds_of(self, rows: int) -> int:
        """Folds of so many rows: of more than 30,000 fewer, at least three.

        Examples
        --------
        >>> [QUALITIES["good"].folds_of(rows) for rows in (1_000, 30_000, 40_000, 60_000, 1_000_000)]
        [6, 6, 4, 3, 3]
        """
        return min(self.folds, max(FEWEST_FOLDS, self.folds * MANY_ROWS // max(rows, 1)))

    def kept(self, rows: int, columns: int = 1) -> int | None:
        """Members that go on after the first fold; two of a table of more than 20 million cells."""
        if self.keep is not None and rows * columns > MANY_CELLS:
            return KEPT_OF_MANY
        return self.keep

    @property
    def table(self) -> list[Member]:
        """The members that are tried."""
        return [MEMBERS[name] for name in self.members]


MANY_ROWS, FEWEST_FOLDS = 30_000, 3
MANY_CELLS, KEPT_OF_MANY = 20_000_000, 2
_EIGHT = tuple(name for name in MEMBERS if name != "quick")
_ROWS = (
    Quality("fast", "one member on three folds", ("quick",), 3, 1),
    Quality("good", "eight members, the best three of them on all folds", _EIGHT, 6, 1, keep=3),
    Quality("best", "eight members, more folds, two starts each", _EIGHT, 10, 2),
)
QUALITIES: dict[str, Quality] = {row.name: row for row in _ROWS}
