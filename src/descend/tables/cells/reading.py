"""How the cells of one column are read: the kind of its values, and how these are written. Decided once, then kept.

A `Reading` is what training finds out about a column and a model keeps. Each cell is read by it alone, so that what a
cell means never depends on other cells.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from descend.errors import DataError, closest, quoted, raise_problems
from descend.tables.cells.dates import iso_seconds, order_asked, seconds_in_format, seconds_of
from descend.tables.cells.notation import NOTATIONS, Written, dissect, is_currency, value_of
from descend.tables.cells.texts import MISSING_WORDS

KINDS = ("number", "category", "boolean", "date")
TYPES = (*KINDS, "drop")
TRUTHS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1", "1.0"), 1.0),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0", "0.0"), 0.0),
}


@dataclass(frozen=True)
class Reading:
    """How the cells of a column are read.

    Parameters
    ----------
    kind : {"number", "category", "boolean", "date"}
        What its values are.
    decimal : {".", ","}
        Decimal mark of numbers.
    thousands : {"", ".", ",", "'", " "}
        Mark between thousands; "" for none.
    prefix, suffix : str
        A currency before every number; a currency, unit or percent sign after it. Numbers without it are read too.
    clock : bool
        Whether numbers are times such as 10:30, in seconds.
    date_format : str
        Of dates that do not begin with the year: "dmy", "mdy" or "ymd", or a format with percent signs.
    missing : tuple of str
        Words that are missing here, beside `MISSING_WORDS`.
    kept : tuple of str
        Of `MISSING_WORDS`, those that are values here.
    asked : bool
        Whether a user said so.
    """

    kind: str
    decimal: str = "."
    thousands: str = ""
    prefix: str = ""
    suffix: str = ""
    clock: bool = False
    date_format: str = "ymd"
    missing: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    asked: bool = False

    def is_missing(self, text: str, quoted: bool = False) -> bool:
        """Whether a text says that there is no value.

        Examples
        --------
        >>> reading = Reading("number", missing=("-",))
        >>> reading.is_missing("-"), reading.is_missing("NA"), reading.is_missing("NA", quoted=True)
        (True, True, False)
        """
        return text in self.missing or (text in MISSING_WORDS and text not in self.kept and not quoted)

    def value(self, text: str) -> float | None:
        """Return the number, the truth or the seconds that a text says, or None if it does not suit.

        Examples
        --------
        >>> Reading("number", ",", ".").value("1.234,5"), Reading("number").value("x"), Reading("boolean").value("TRUE")
        (1234.5, None, 1.0)
        """
        if self.kind == "number":
            return self._number(text)
        if self.kind == "boolean":
            return TRUTHS.get(text.lower())
        return seconds_in_format(text, self.date_format) if "%" in self.date_format else self._date(text)

    def values(self, texts: Sequence[str]) -> list[float | None]:
        """Return what each of many texts says; as `value`."""
        if self.kind == "date" and "%" not in self.date_format and (seconds := iso_seconds(texts)) is not None:
            return list(seconds)
        return [self.value(text) for text in texts]

    def _number(self, text: str) -> float | None:
        written = dissect(text)
        if written is None or not self._allows(written):
            return None
        return value_of(written, self.decimal)

    def _allows(self, written: Written) -> bool:
        if written.shape == "clock":
            return self.clock
        if written.shape not in NOTATIONS[self.decimal, self.thousands] and written.shape != "zeros":
            return False
        return all(not one or _same(one, own) for one, own in self._dress(written))

    def _dress(self, written: Written) -> tuple[tuple[str, str], ...]:
        if (is_currency(written.prefix) and is_currency(self.suffix)) or (
            is_currency(written.suffix) and is_currency(self.prefix)
        ):
            return ((written.prefix or written.suffix, self.prefix or self.suffix),)
        return ((written.prefix, self.prefix), (written.suffix, self.suffix))

    def _date(self, text: str) -> float | None:
        order = order_asked(self.date_format) or "ymd"
        return seconds_of(text, order)

    def to_dict(self) -> dict[str, Any]:
        """Return what differs from the plainest reading of this kind, JSON-able; `reading_of` reads it.

        Examples
        --------
        >>> Reading("number", ",", missing=("-",)).to_dict()
        {'kind': 'number', 'decimal': ',', 'missing': ['-']}
        """
        plain = Reading(self.kind)
        held = {one.name: getattr(self, one.name) for one in fields(self)}
        differing = {name: value for name, value in held.items() if value != getattr(plain, name)}
        return {"kind": self.kind} | {
            name: list(value) if isinstance(value, tuple) else value for name, value in differing.items()
        }


def _same(one: str, own: str) -> bool:
    return one == own or one.rstrip(".") == own.rstrip(".")


# ---------------------------------------------------------------- a user's word


@dataclass(frozen=True)
class ReadOptions:
    """What a user says about how a table is read; it goes above what is found.

    Parameters
    ----------
    types : mapping of str to {"number", "category", "boolean", "date", "drop"}
        What columns are.
    missing : tuple of str
        Words that are missing in every column; in quotation marks: words that are not.
    decimal : {None, ".", ","}
        Decimal mark of all numbers; None finds it out.
    date_format : str or None
        Of all dates that do not begin with the year: ``dmy``, ``mdy``, ``ymd``, or signs of ``strptime``.

    Examples
    --------
    >>> ReadOptions(missing=("-", '"NA"')).words, ReadOptions(missing=("-", '"NA"')).kept
    (('-',), ('NA',))
    """

    types: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    decimal: str | None = None
    date_format: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Words that are missing."""
        return tuple(word for word in self.missing if not _in_quotes(word))

    @property
    def kept(self) -> tuple[str, ...]:
        """Words that are values although they look like missing ones."""
        return tuple(word[1:-1] for word in self.missing if _in_quotes(word))

    def problems(self) -> list[str]:
        """Return one sentence for everything that cannot be, whatever the table.

        Examples
        --------
        >>> ReadOptions(decimal=";").problems()
        ['`decimal` must be "." or ","; got ";".']
        """
        found = [
            f'`type` of column "{name}" must be one of {", ".join(TYPES)}; got "{kind}". {closest(kind, TYPES)}'
            for name, kind in self.types.items()
            if kind not in TYPES
        ]
        if self.decimal not in (None, ".", ","):
            found.append(f'`decimal` must be "." or ","; got "{self.decimal}".')
        if self.date_format is not None and "%" not in self.date_format and not order_asked(self.date_format):
            found.append(
                f'`date_format` must be dmy, mdy, ymd, or a format such as %d.%m.%Y; got "{self.date_format}".'
            )
        return found

    def check_names(self, names: Sequence[str], source: str) -> None:
        """Raise if a column that is named is not there.

        Raises
        ------
        DataError
            Naming the closest.
        """
        raise_problems(
            DataError,
            source,
            [f'type: there is no column "{n}". {closest(n, names)}' for n in self.types if n not in names],
        )


def _in_quotes(word: str) -> bool:
    return len(word) > 2 and word[0] == word[-1] == '"'


def texts_problems(name: str, given: object) -> list[str]:
    """Return a sentence if what must be a list of texts is one text, of which each sign would count, or holds others.

    Examples
    --------
    >>> texts_problems("missing", ["NA"]), texts_problems("missing", "NA")
    ([], ['`missing` must be a list of texts; got one text, "NA". Write ["NA"].'])
    >>> texts_problems("missing", [-999])
    ['`missing` must be a list of texts; got -999 in it. Write "-999".']
    """
    must = f"`{name}` must be a list of texts; got"
    if isinstance(given, str):
        return [f"{must} one text, {quoted(given)}. Write [{quoted(given)}]."]
    if not isinstance(given, Collection):
        return [f"{must} {quoted(given)}. Write [{quoted(str(given))}]."]
    others = [one for one in given if not isinstance(one, str)]
    return [f"{must} {quoted(others[0])} in it. Write {quoted(str(others[0]))}."] if others else []
