"""How people write numbers: decimal and thousands marks, signs, brackets, currencies, units. One text at a time.

A text is dissected into its parts, and its marks into a shape. Which notations a whole column allows, and which it
gets, is decided from the shapes of all its texts (`decide_marks`).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

BLANKS = " \u00a0\u2007\u2009\u202f"
_APOSTROPHES = "'’"
MINUS = "\u2212-"  # the hyphen last, as sets of characters need it
_CURRENCIES = tuple(
    """USD EUR GBP CHF JPY CNY INR AUD CAD NZD SEK NOK DKK PLN CZK HUF RUB BRL MXN ZAR KRW SGD HKD TRY ILS
    Rs Fr kr zł Kč Ft""".split()  # noqa: SIM905
)
_CURRENCY = f"(?:[A-Z]{{0,2}}[\u0024\u00a2-\u00a5\u20a0-\u20cf]|(?:{'|'.join(_CURRENCIES)})(?![A-Za-z]))\\.?"
_UNIT = (
    r"(?:[%‰]|(?:[ckdmµμ]?m|ft|in|yd|s)[23]|[°A-Za-zµμΩÅ‰%\"″′][^\d\s.,()\[\]_]*[²³]?"
    r"(?:[/·*^][A-Za-zµμ°]+[23²³]?)*\.?)"
)
_TEXT = re.compile(
    rf"(?P<open>\()?(?P<sign>[+{MINUS}])?[{BLANKS}]?(?P<prefix>{_CURRENCY})?[{BLANKS}]?(?P<inner>[+{MINUS}])?"
    rf"(?P<body>\d(?:[\d.,{_APOSTROPHES}]|[{BLANKS}](?=\d{{3}}(?!\d)))*|[.,]\d+)(?P<exponent>[eE][+{MINUS}]?\d+(?![\d.,]))?"
    rf"[{BLANKS}]?(?P<suffix>{_CURRENCY}|{_UNIT})?(?P<after>[{MINUS}])?(?P<close>\))?"
)
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?", re.ASCII)  # a time of day, or how long
_INFINITE = re.compile(rf"[+{MINUS}]?inf(inity)?", re.IGNORECASE)

_SHAPES = (  # the first that fits
    ("zeros", r"0\d+"),  # a code: 00501
    ("few digits", r"\d{1,3}"),
    ("digits", r"\d{4,}"),
    ("dot3", r"[1-9]\d{0,2}\.\d{3}"),  # 59.215: perhaps fifty-nine thousand
    ("dot", r"\d*\.\d*"),
    ("comma3", r"[1-9]\d{0,2},\d{3}"),
    ("comma", r"\d*,\d*"),
    ("dots", r"[1-9]\d{0,2}(\.\d{3}){2,}"),
    ("commas", r"[1-9]\d{0,2}(,\d{3}){2,}|[1-9]\d?(,\d\d)+,\d{3}"),  # 1,234,567; in India 12,34,567
    ("dots comma", r"[1-9]\d{0,2}(\.\d{3})+,\d+"),
    ("commas dot", r"[1-9]\d{0,2}(,\d{3})+\.\d+|[1-9]\d?(,\d\d)+,\d{3}\.\d+"),
    ("apostrophe", rf"[1-9]\d{{0,2}}([{_APOSTROPHES}]\d{{3}})+"),
    ("apostrophe dot", rf"[1-9]\d{{0,2}}([{_APOSTROPHES}]\d{{3}})+\.\d+"),
    ("apostrophe comma", rf"[1-9]\d{{0,2}}([{_APOSTROPHES}]\d{{3}})+,\d+"),
    ("blank", rf"[1-9]\d{{0,2}}([{BLANKS}]\d{{3}})+"),
    ("blank dot", rf"[1-9]\d{{0,2}}([{BLANKS}]\d{{3}})+\.\d+"),
    ("blank comma", rf"[1-9]\d{{0,2}}([{BLANKS}]\d{{3}})+,\d+"),
)
_FIRST_SHAPE = re.compile("|".join(f"(?P<s{n}>{pattern})" for n, (_, pattern) in enumerate(_SHAPES)), re.ASCII)
_NAMES = {f"s{n}": name for n, (name, _) in enumerate(_SHAPES)}

_ALWAYS = {"few digits", "digits", "infinite"}
_DOT, _COMMA = {"dot", "dot3"}, {"comma", "comma3"}
# (decimal mark, thousands mark) -> shapes that it allows; the simplest first
NOTATIONS = {
    (".", ""): _ALWAYS | _DOT,
    (",", ""): _ALWAYS | _COMMA,
    (".", ","): _ALWAYS | _DOT | {"comma3", "commas", "commas dot"},
    (",", "."): _ALWAYS | _COMMA | {"dot3", "dots", "dots comma"},
    (".", "'"): _ALWAYS | _DOT | {"apostrophe", "apostrophe dot"},
    (",", "'"): _ALWAYS | _COMMA | {"apostrophe", "apostrophe comma"},
    (".", " "): _ALWAYS | _DOT | {"blank", "blank dot"},
    (",", " "): _ALWAYS | _COMMA | {"blank", "blank comma"},
}
_SHOWS = {  # shapes that can be read with one decimal mark only
    ".": {"dot", "commas dot", "apostrophe dot", "blank dot"},
    ",": {"comma", "dots comma", "apostrophe comma", "blank comma"},
}
EITHER = "either"  # two readings are possible


@dataclass(frozen=True)
class Written:
    """A text that looks like a number, in its parts.

    Parameters
    ----------
    shape : str
        Of its digits and marks.
    prefix, suffix : str
        A currency before it; a currency, a unit or a percent sign after it; "" for none.
    negative : bool
        By a minus before or after it, or by accounting brackets.
    sign : str
        How it is negative, if not by a hyphen before it: "()", "−" or "after".
    body, exponent : str
        Digits and marks; ``e-5``, or "".
    """

    shape: str
    prefix: str
    suffix: str
    negative: bool
    sign: str
    body: str
    exponent: str

    @property
    def dressed(self) -> bool:
        """Whether it is more than a plain number."""
        return bool(self.prefix or self.suffix or self.sign)


def dissect(text: str) -> Written | None:
    """Return the parts of a text that looks like a number, or None.

    Examples
    --------
    >>> dissect("$1,234.50").shape, dissect("(3,20 €)").negative, dissect("12 kg").suffix, dissect("3X7")
    ('commas dot', True, 'kg', None)
    >>> dissect("192.168.1.1"), dissect("00501").shape
    (None, 'zeros')
    """
    if _INFINITE.fullmatch(text):
        return Written("infinite", "", "", text[0] in MINUS, "", "inf", "")
    if _CLOCK.fullmatch(text):
        return Written("clock", "", "", False, "", text, "")
    match = _TEXT.fullmatch(text)
    if match is None or (match["open"] is None) != (match["close"] is None):
        return None
    signs = [one for one in (match["open"], match["sign"], match["inner"], match["after"]) if one]
    body = match["body"]
    shape = _FIRST_SHAPE.fullmatch(body)
    if (
        shape is None
        or len(signs) > 1
        or not any(map(str.isdecimal, body))
        or (not body.isascii() and not _known(body))
    ):
        return None
    name = _NAMES[str(shape.lastgroup)]
    if match["exponent"] and name not in ("few digits", "digits", "dot", "dot3", "comma", "comma3"):
        return None
    negative = bool(signs) and signs[0] != "+"
    exponent = (match["exponent"] or "").replace("\u2212", "-")
    sign = "()" if match["open"] else "after" if match["after"] else "\u2212" if "\u2212" in signs else ""
    return Written(name, match["prefix"] or "", match["suffix"] or "", negative, sign, body, exponent)


def _known(body: str) -> bool:
    return all(one.isascii() or one in BLANKS + _APOSTROPHES for one in body)


def value_of(written: Written, decimal: str) -> float:
    """Return the number, for a decimal mark that its shape allows; other marks separate thousands.

    Examples
    --------
    >>> value_of(dissect("1.234,5"), ","), value_of(dissect("(1'000.25)"), "."), value_of(dissect("1,234"), ".")
    (1234.5, -1000.25, 1234.0)
    """
    if clock := _CLOCK.fullmatch(written.body):
        return 3600.0 * int(clock[1]) + 60.0 * int(clock[2]) + float(clock[3] or 0)
    if written.shape == "infinite":
        return -math.inf if written.negative else math.inf
    digits = "".join("." if one == decimal else one for one in written.body if one == decimal or one.isdecimal())
    return float(("-" if written.negative else "") + digits + written.exponent)


def likely_value(written: Written) -> float:
    """Return the number that a text most likely means, by itself.

    Examples
    --------
    >>> [likely_value(dissect(text)) for text in ("1.234.567", "1,234,567", "0,5", "1.5")]
    [1234567.0, 1234567.0, 0.5, 1.5]
    """
    comma = written.shape == "dots" or written.shape.split()[-1] in ("comma", "comma3")
    return value_of(written, "," if comma else ".")


def decide_marks(shapes: Collection[str], decimal: str, semicolons: bool = False) -> tuple[str, str] | str | None:
    """Return decimal and thousands mark of a column; "either" where both readings are possible; None for no numbers.

    Parameters
    ----------
    shapes : collection of str
        All shapes that occur in the column.
    decimal : {"", ".", ","}
        The decimal mark of the user's word or of other columns; "" if nothing is known.
    semicolons : bool, default False
        Whether semicolons stand between the fields, as where the comma is the decimal mark.

    Examples
    --------
    >>> decide_marks({"dot", "few digits"}, ""), decide_marks({"comma3", "few digits"}, "")
    (('.', ''), 'either')
    >>> decide_marks({"comma3", "few digits"}, "."), decide_marks({"dots comma", "dot3"}, "")
    (('.', ','), (',', '.'))
    """
    found = set(shapes)
    if found == {"clock"}:
        return ".", ""
    possible = [marks for marks, allowed in NOTATIONS.items() if found <= allowed]
    if len({one for one, _ in possible}) < 2 or not found & {"dot3", "comma3"}:
        return possible[0] if possible else None
    if decimal:
        return next((marks for marks in possible if marks[0] == decimal), possible[0])
    if "digits" in found:  # thousands are not separated in 1234, so they are not in 1.234
        return next(marks for marks in possible if marks[1] == "") if any(not t for _, t in possible) else EITHER
    if {"dot3", "comma3"} <= found or "few digits" in found:  # 576 beside 59.215: decimals would be written 576.000
        return EITHER
    if "dot3" in found:
        return ".", ""
    return (",", "") if semicolons else EITHER


def decimal_shown(shapes: Collection[str]) -> set[str]:
    """Return the decimal marks that some shape proves.

    Examples
    --------
    >>> decimal_shown({"comma", "few digits"}), decimal_shown({"dot3"})
    ({','}, set())
    """
    return {mark for mark, showing in _SHOWS.items() if showing & set(shapes)}


def is_currency(text: str) -> bool:
    """Whether a prefix or suffix is money: a sign such as $, or a code such as EUR.

    Examples
    --------
    >>> is_currency("US$"), is_currency("CHF"), is_currency("kg")
    (True, True, False)
    """
    return text.rstrip(".") in _CURRENCIES or any(unicodedata.category(one) == "Sc" for one in text)
