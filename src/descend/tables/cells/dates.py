"""How people write dates: which orders of day, month and year a text allows, and the moment that it says.

ISO dates, dates with the name of the month, and those that begin with the year have one reading. ``03/04/2021`` has
two; a column that is written so is read if one order fits all its texts.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from descend.typing import Array

ORDERS = ("dmy", "mdy", "ymd")
CLEAR = "clear"  # beside all orders: the text itself says which part is which
ANY_ORDER = frozenset((*ORDERS, CLEAR))
LAST_OF_THIS_CENTURY = 68  # 68 is 2068, 69 is 1969, as POSIX has it

_MONTHS = {
    name: number
    for names in (
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "january february march april may june july august september october november december",
        "jan feb mär apr mai jun jul aug sep okt nov dez",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "janv févr mars avr mai juin juil août sept oct nov déc",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "ene feb mar abr may jun jul ago sept oct nov dic",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "gen feb mar apr mag giu lug ago set ott nov dic",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    )
    for number, name in enumerate(names.split(), start=1)
}
_NAME = rf"(?P<name>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_TIME = (
    r"(?:(?:T|[ ,]\s?)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?:\s?(?P<half>[ap])\.?m\.?)?(?:\s?(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?"
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s)?"
_FORMS = (
    r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
    r"(?P<first>\d{1,2})(?P<mark>[-/.])\s?(?P<second_>\d{1,2})(?P=mark)\s?(?P<last>\d{4}|\d{2})",
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})\.?(?:st|nd|rd|th)?[-/ ]?\s?{_NAME}[-/ ,]?\s?(?P<year>\d{{4}}|\d{{2}})",
    rf"{_WEEKDAY}{_NAME}[-/ ]?\s?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,\s?|[-/ ])(?P<year>\d{{4}})",
    rf"(?P<year>\d{{4}})[-/ ]{_NAME}[-/ ](?P<day>\d{{1,2}})",
)
_MONTH_FORMS = (
    r"(?P<year>(?:19|20)\d\d)[-/](?P<month>\d{2})",
    rf"{_NAME}[-/ ,]\s?(?P<year>\d{{4}})",
    rf"(?P<year>\d{{4}})[-/ ]{_NAME}",
)
_PATTERNS = [re.compile(form + _TIME, re.ASCII | re.IGNORECASE) for form in _FORMS] + [
    re.compile(form, re.ASCII | re.IGNORECASE) for form in _MONTH_FORMS
]
_ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)?)?", re.ASCII
)
_LONGEST = 48  # letters of a date
_EPOCH = datetime.datetime(1970, 1, 1)


def orders_of(text: str) -> frozenset[str]:
    """Return the orders of day, month and year in which a text is a date that exists; none for other texts.

    A text that says itself which part is which fits all of them, and `CLEAR`.

    Examples
    --------
    >>> sorted(orders_of("03/04/2021")), sorted(orders_of("15.04.2021")), orders_of("x")
    (['dmy', 'mdy'], ['dmy'], frozenset())
    >>> orders_of("2021-04-15") == orders_of("15-Apr-2021") == ANY_ORDER
    True
    """
    found = _match(text)
    if found is None:
        return frozenset()
    if "first" not in found:
        return ANY_ORDER if _moment(found, "dmy") is not None else frozenset()
    tried = ("dmy", "mdy") if len(found["first"]) < 2 or len(found["last"]) > 2 or found["mark"] == "." else ORDERS
    return frozenset(order for order in tried if _moment(found, order) is not None)


def seconds_of(text: str, order: str) -> float | None:
    """Return seconds since 1970-01-01 (UTC) of a date, or None if it is none in this order.

    Parameters
    ----------
    text : str
        Such as ``2024-02-29``, ``15.01.2021 13:05``, ``15-Jan-2021`` or ``2021-01-15 10:00:00 PM``. A time without an
        offset is taken as it stands.
    order : {"dmy", "mdy", "ymd"}
        For texts that consist of digits and do not begin with the year.

    Examples
    --------
    >>> seconds_of("02/01/1970", "dmy"), seconds_of("01/02/1970", "mdy"), seconds_of("13/13/1970", "dmy")
    (86400.0, 86400.0, None)
    """
    found = _match(text)
    return None if found is None else _moment(found, order)


def _match(text: str) -> dict[str, str] | None:
    if len(text) > _LONGEST:
        return None
    for pattern in _PATTERNS:
        if match := pattern.fullmatch(text):
            return {name: part for name, part in match.groupdict().items() if part is not None}
    return None


def _moment(found: dict[str, str], order: str) -> float | None:
    """Return the seconds of the parts of a date, or None if there is no such day or time."""
    if "first" in found:
        parts = dict(zip(order, (found["first"], found["second_"], found["last"]), strict=True))
        if len(found["last"]) == 4 and order == "ymd":
            return None
        year, month, day = parts["y"], int(parts["m"]), int(parts["d"])
    else:
        year, day = found["year"], int(found.get("day", 1))
        month = _MONTHS[found["name"].lower()] if "name" in found else int(found["month"])
    hour = int(found.get("hour", 0))
    if "half" in found:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    micros = int(found.get("fraction", "0").ljust(6, "0")[:6])
    try:
        moment = datetime.datetime(
            _full_year(year), month, day, hour, int(found.get("minute", 0)), int(found.get("second", 0)), micros
        )
    except ValueError:
        return None
    return (moment - _EPOCH).total_seconds() - _offset_seconds(found.get("zone", "Z"))


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year <= LAST_OF_THIS_CENTURY else 1900)


def _offset_seconds(offset: str) -> int:
    if offset.upper() in ("Z", "UTC", "GMT"):
        return 0
    digits = offset[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:] or 0) * 60
    return -seconds if offset[0] == "-" else seconds


def iso_seconds(texts: Sequence[str]) -> NDArray[np.float64] | None:
    """Return ISO dates as seconds since 1970-01-01 (UTC), or None if one of them is not an ISO date; fast.

    Parameters
    ----------
    texts : sequence of str
        Such as ``2024-02-29``, ``2024-02-29 13:05`` or ``2024-02-29T13:05:07.25+01:00``.

    Examples
    --------
    >>> iso_seconds(["1970-01-02", "1970-01-01T01:00:00+01:00"]).tolist()
    [86400.0, 0.0]
    >>> iso_seconds(["2024-02-30"]) is None
    True
    """
    plain, offsets = [], []
    for text in texts:
        match = _ISO.fullmatch(text)
        if match is None:
            return None
        day, time, offset = match.groups()
        plain.append(f"{day}T{time.replace(',', '.')[:15]}" if time else day)
        offsets.append(_offset_seconds(offset) if offset else 0)
    try:
        moments = np.array(plain, dtype="datetime64[us]")
    except ValueError:
        return None
    return array_seconds(moments) - np.array(offsets, dtype=np.float64)


def array_seconds(moments: Array) -> NDArray[np.float64]:
    """datetime64 or timedelta64 -> seconds, NaN for NaT.

    Examples
    --------
    >>> array_seconds(np.array(["1970-01-02", "NaT"], dtype="datetime64[D]")).tolist()
    [86400.0, nan]
    """
    gone = np.isnat(moments)
    kind = "datetime64" if moments.dtype.kind == "M" else "timedelta64"
    micros = moments.astype(f"{kind}[us]").astype(np.int64)
    return np.where(gone, np.nan, micros / 1e6)


# ---------------------------------------------------------------- a user's own format


def order_asked(asked: str) -> str:
    """Return an order that a user names by letters, or "" for a format with percent signs.

    Examples
    --------
    >>> order_asked("dmy"), order_asked("MM/DD/YYYY"), order_asked("%d.%m.%y")
    ('dmy', 'mdy', '')
    """
    letters = "".join(dict.fromkeys(one for one in asked.lower() if one in "dmy"))
    return letters if "%" not in asked and letters in ORDERS else ""


def seconds_in_format(text: str, asked: str) -> float | None:
    """Return the seconds of a text in the format that a user gave: an order, or signs of ``strptime``; else None.

    Examples
    --------
    >>> seconds_in_format("19700102", "%Y%m%d"), seconds_in_format("2.1.70", "dmy"), seconds_in_format("x", "%Y")
    (86400.0, 86400.0, None)
    """
    order = order_asked(asked)
    if order:
        return seconds_of(text, order)
    try:
        moment = datetime.datetime.strptime(text, asked)
    except ValueError:
        return None
    if moment.tzinfo:
        moment = moment.astimezone(datetime.UTC).replace(tzinfo=None)
    return (moment - _EPOCH).total_seconds()


def is_in_format(text: str, asked: str) -> bool:
    """Whether a text is just what a format with percent signs writes.

    Examples
    --------
    >>> is_in_format("20240102", "%Y%m%d"), is_in_format("202412", "%Y%m%d")
    (True, False)
    """
    try:
        return datetime.datetime.strptime(text, asked).strftime(asked).casefold() == text.casefold()
    except ValueError:
        return False
