"""Which rows of a table in pieces are for what, and about how many: by the sample and the user's words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from descend.models.dealt import Sorter
from descend.models.options import TrainOptions
from descend.models.streamed.own_parts import most_rows, own_parts, own_words
from descend.models.streamed.sample import Sample
from descend.preprocessing.streamed.parts import NAMES, TEST, VALIDATION, Moments, Shares

if TYPE_CHECKING:
    from descend.preprocessing.roles import Roles
    from descend.typing import Array

HELD = {"validation": VALIDATION, "test": TEST}


@dataclass(frozen=True, eq=False)
class Deal:
    """Who is for what.

    Parameters
    ----------
    sorter : Sorter
        Says it of every row.
    words : str
        How, in words.
    nominal : ndarray of int8
        The part of each row of the sample, as if the table were short: those that train here train in any case.
    real : ndarray of int8
        The part of each row of the sample.
    rows : dict of str to int
        About how many rows of the whole table will train, choose and judge.
    """

    sorter: Sorter
    words: str
    nominal: Array
    real: Array
    rows: dict[str, int]


def deal(sample: Sample, roles: Roles, options: TrainOptions, nominal: Shares, rows: int) -> Deal:
    """Decide which rows are for what.

    Parameters
    ----------
    sample : Sample
        Of the first pass.
    roles : Roles
        Of the columns.
    options : TrainOptions
        The user's words, settled.
    nominal : Shares
        Those that the user names.
    rows : int
        Of the whole table.

    Raises
    ------
    DataError
        If a row has no time, or a table of its own cannot be read.
    """
    most = most_rows(max(1, len(roles.task.classes)))
    shares = nominal.of_rows(rows, most["validation"], most["test"])
    sorter, words, parts, real = _by_hash_or_time(sample, roles, options, nominal, shares)
    expected = {name: float((real == part).mean()) * rows for part, name in enumerate(NAMES)}
    if options.time is None and options.group is None:
        expected = _by_share(sorter.shares, rows)
    else:  # groups, and days, have any size: more rows of them than memory holds take no part
        kept = [min(1.0, most[name] / max(expected[name], 1.0)) for name in HELD]
        sorter = replace(sorter, kept=(kept[0], kept[1]))
        expected |= {name: min(expected[name], float(most[name])) for name in HELD}
    own = own_parts(options, roles.inputs, roles.target, most)
    counts = {name: round(count) for name, count in expected.items()} | {one.name: one.most for one in own}
    return Deal(replace(sorter, own=own), words + own_words(own), parts, real, counts)


def _by_share(shares: Shares, rows: int) -> dict[str, float]:
    parts = {"train": 1.0 - shares.held, "validation": shares.held - shares.test, "test": shares.test}
    return {name: rows * share for name, share in parts.items()}


def _by_hash_or_time(
    sample: Sample, roles: Roles, options: TrainOptions, nominal: Shares, shares: Shares
) -> tuple[Sorter, str, Array, Array]:
    table, keys = sample.table, sample.keys
    if options.time is None:
        how = f'by a hash of "{options.group}"' if options.group else "by a hash of each row's number"
        sorter = Sorter(shares, options.seed, options.group)
        return sorter, how, nominal.parts_of(keys), shares.parts_of(keys)
    from descend.preprocessing.split import train_validation_test_split

    split = train_validation_test_split(
        table, roles, nominal.test, nominal.validation, time=options.time, seed=options.seed
    )
    times = table.column(options.time).values
    ends = [float(times[rows].min()) if len(rows) else math.inf for rows in (split.validation, split.test)]
    moments = Moments(options.time, *ends)
    parts = moments.parts_of(times)
    return Sorter(nominal, options.seed, None, moments), split.description, parts, parts


def bytes_of_judged(rows: int, outputs: int) -> int:
    """Return the bytes of the answers to rows that judge: what networks say, and probabilities twice in float64.

    Examples
    --------
    >>> bytes_of_judged(500_000, 2)
    32000000
    """
    return rows * (24 * outputs + 16)
