"""What a comparison found, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from descend.drift.result import ColumnDrift, Renaming, TableDrift
from descend.errors import quoted
from descend.tables.columns.column import date_text

_MOST_NAMED = 3


def sentences(columns: Sequence[ColumnDrift], table: TableDrift | None, answers: Sequence[ColumnDrift]) -> list[str]:
    """Return a sentence on each column that differs, the least probable first, then on predictions and the table.

    Examples
    --------
    >>> from descend.drift.result import Test
    >>> tests = (Test("missing", 20.0, 1e-6),)
    >>> sentences([ColumnDrift("mass", "number", tests, 1e-5, 20, 0.2, 0.0)], None, [])
    ['column "mass": 20 % missing, none was before']
    """
    found = [f"column {quoted(one.name)}: {reason(one)}" for one in differing(columns)]
    found += [f"prediction {quoted(one.name)}: {reason(one)}" for one in differing(answers)]
    if table is not None and table.differs:
        found.append(f"all columns together: {_of_table(table)}")
    return found


def line(columns: Sequence[ColumnDrift], table: TableDrift | None, answers: Sequence[ColumnDrift]) -> str:
    """Return the same in one line, counted; "" if nothing differs."""
    own = differing(columns)
    others = [f"the prediction {quoted(one.name)} ({reason(one)})" for one in differing(answers)[:1]]
    if table is not None and table.differs and not own:
        others.append(f"all columns together ({_of_table(table)})")
    if not own and not others:
        return ""
    if not own:
        return f"the rows differ from the training rows: {' and '.join(others)}"
    named = ", ".join(f"{quoted(one.name)} ({reason(one)})" for one in own[:_MOST_NAMED])
    more = ", …" if len(own) > _MOST_NAMED else ""
    count = f"{len(own):,} columns differ" if len(own) > 1 else "1 column differs"
    also = f"; so does {others[0]}" if others else ""
    return f"{count} from the training rows: {named}{more}{also}"


def differing(columns: Sequence[ColumnDrift]) -> list[ColumnDrift]:
    """Return the columns that differ, the least probable first."""
    return sorted((one for one in columns if one.differs), key=lambda one: one.p)


def reason(one: ColumnDrift) -> str:
    """Say how a column differs most."""
    least = one.least
    if least is None:
        return "as before"
    if one.factor is not None:
        return f"its values look {one.factor}"
    if least.what == "missing":
        before = f"was {_share(one.missing_share_before)}" if one.missing_share_before else "none was before"
        return f"{_share(one.missing_share)} missing, {before}"
    if least.what == "renamed" and one.renaming is not None:
        return _of_names(one.renaming)
    if least.what == "unseen":
        shown = ", ".join(map(quoted, one.unseen_levels[:2])) + (", …" if len(one.unseen_levels) > 2 else "")
        return f"unknown categories in {_rows(one.unseen)}: {shown}"
    if least.what == "levels":
        if not one.share_before:
            return f"{quoted(one.level)} is {_share(one.share)}, never was before"
        return f"{quoted(one.level)} is {_share(one.share)}, was {_share(one.share_before)}"
    if least.what == "range":
        side, rows = ("below", one.below) if least.statistic == one.below else ("above", one.above)
        return f"{_rows(rows)} {side} all training values"
    if one.mean is not None:
        return f"mean {one.mean:.4g}, was {one.mean_before:.4g}"
    now, before = (_value(one, value) for value in (one.median, one.median_before))
    if now == before:
        return f"distributed otherwise, about {now} as before"
    return f"median {now}, was {before}"


def _of_names(one: Renaming) -> str:
    gone, came = quoted(one.gone), quoted(one.came)
    if one.likely:
        return f"{gone} seems to be called {came} now"
    return f"{came} is {_share(one.share)}, never was before; {gone} is gone, was {_share(one.share_before)}"


def _rows(count: int | None) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _share(share: float | None) -> str:
    percent = 100.0 * (share or 0.0)
    return f"{percent:.0f} %" if percent >= 10.0 or percent == 0.0 else f"{percent:.2g} %"


def _value(one: ColumnDrift, value: float | None) -> str:
    if value is None:
        return "missing"
    return date_text(float(round(value))) if one.kind == "date" else f"{value:.4g}"


def _of_table(table: TableDrift) -> str:
    return f"a linear classifier tells new rows from old ones, AUC {table.auc:.2f}"
