"""Findings of all columns -> how each is read. One reading only: it is taken, with a note; two: the user is asked.

The rules, in the order in which they are tried; a user's word goes above them:

    codes       leading zeros, whole numbers beyond 2^53, one value in two spellings, or texts by the source: text
    numbers     nearly all cells are numbers in one notation; words among them are missing
    dates       all cells are dates in one order
    booleans    true and false
    categories  everything else
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from descend.errors import quoted
from descend.tables.cells.dates import ANY_ORDER, CLEAR, is_in_format, iso_seconds, order_asked
from descend.tables.cells.findings import FEW_VALUES, Findings, Style, Tally
from descend.tables.cells.notation import decide_marks, decimal_shown, dissect, is_currency, value_of
from descend.tables.cells.reading import Reading, ReadOptions
from descend.tables.cells.texts import MISSING_WORDS
from descend.tables.columns import sentences as say

MOST_SLIPS = 20  # different ones
SLIPS = 0.05  # so large a share of cells may be slips among numbers
_SAYS_MISSING = frozenset(
    word.strip()
    for word in """na, n/a, n.a, n.a., nan, none, null, nil, nul, n/d, n.d, n.d., nd, n.v., k.a., k.a, keine angabe,
    unknown, unk, unbekannt, inconnu, desconocido, missing, miss, undefined, undef, unspecified, blank, empty, void,
    tbd, tba, not available, not applicable, not known, not recorded, no answer, no data, nodata, no value, (null),
    (blank), (empty), (none), (missing), <null>, <na>, <none>, [null], \\n,
    #value!, #ref!, #div/0!, #name?, #num!, #null!,
    #n/a, error, err""".split(",")  # noqa: SIM905
)


@dataclass(frozen=True)
class Decision:
    """How a column is read, and what a user should know about it.

    Parameters
    ----------
    reading : Reading
        How its cells are read.
    notes : tuple of Note
        What was done beyond the obvious.
    question : str
        Why the column cannot be used before the user has said more; "" if it can.
    slip : Tally or None
        The first cell that does not suit the others, if these are numbers.
    """

    reading: Reading
    notes: tuple[say.Note, ...] = ()
    question: str = ""
    slip: Tally | None = None


def decide(
    found: Mapping[str, Findings],
    options: ReadOptions | None = None,
    separator: str = "",
    texts: Collection[str] = (),
) -> dict[str, Decision]:
    """Decide how each column is read, from the findings of all of them.

    Parameters
    ----------
    found : mapping of str to Findings
        Of each column of texts.
    options : ReadOptions or None
        The user's words.
    separator : str, default ""
        Between the fields of the file.
    texts : collection of str
        Columns of whole numbers that the source keeps as texts, while it keeps those of others as numbers.

    Examples
    --------
    >>> from descend.tables.cells.texts import Texts
    >>> from descend.tables.cells.findings import find_out
    >>> columns = {"a": ["0,5", "1,25"], "b": ["59.215", "576"], "zip": ["00501", "501"]}
    >>> made = decide({name: find_out(Texts.of(one)) for name, one in columns.items()})
    >>> [(one.reading.kind, one.reading.decimal, one.reading.thousands) for one in made.values()]
    [('number', ',', ''), ('number', ',', '.'), ('category', '.', '')]
    """
    options = options or ReadOptions()
    marks = {mark for one in found.values() for mark in decimal_shown({style.shape for style in one.numbers})}
    decimal = options.decimal or (next(iter(marks)) if len(marks) == 1 else "")
    return {
        name: _Column(name, one, options, decimal, separator, name in texts).decided() for name, one in found.items()
    }


@dataclass(frozen=True)
class _Column:
    name: str
    found: Findings
    options: ReadOptions
    decimal: str
    separator: str
    declared: bool

    def decided(self) -> Decision:
        asked = self.options.types.get(self.name)
        if asked in (None, "drop"):
            return self._with_words(self._found())
        return self._with_words(self._asked(asked))

    # ------------------------------------------------------------ a user's word

    def _asked(self, kind: str) -> Decision:
        if kind == "number":
            marks = self._marks(self.found.numbers)
            if isinstance(marks, str):
                return Decision(Reading("category"), question=say.two_numbers(self.name, self._either()))
            chosen = marks or (self.options.decimal or self.decimal or ".", "")
            prefix, suffix = _common_dress(self.found.numbers) or ("", "")
            words = tuple(self._gone(self._texts()))
            clock = self._shapes() == {"clock"}
            return Decision(Reading("number", *chosen, prefix, suffix, clock=clock, missing=words, asked=True))
        if kind == "date":
            given = self.options.date_format
            orders = self._orders()
            order = given or (next(iter(orders)) if len(orders) == 1 else "dmy" if self._dotted(orders) else "")
            if not order and self.found.dates:
                order = "ymd" if CLEAR in orders else ""
            if not order and self.found.dates:
                return Decision(
                    Reading("category"), question=say.two_dates(self.name, self.found.first("dates"), orders)
                )
            order = order or ("%Y%m%d" if self._compact() else "ymd")
            return Decision(Reading("date", date_format=order, missing=tuple(self._gone(self._texts())), asked=True))
        return Decision(Reading(kind, asked=True))

    def _with_words(self, decision: Decision) -> Decision:
        """Add the user's words to those of a reading; keep those that are values here."""
        values = [text for text in (*self.found.texts, *self.options.kept) if text in MISSING_WORDS]
        reading = decision.reading
        kept = tuple(
            dict.fromkeys(one for one in values if one not in reading.missing and one not in self.found.missing)
        )
        words = tuple(dict.fromkeys([*reading.missing, *self.options.words]))
        return replace(decision, reading=replace(reading, missing=words, kept=kept))

    # ------------------------------------------------------------ what is found

    def _found(self) -> Decision:
        found = self.found
        if "%" in (self.options.date_format or "") and (decision := self._in_format()):
            return decision
        if found.numbers and (code := self._code()):
            return Decision(Reading("category"), (code,))
        if found.numbers and not found.dates:
            return self._numbers()
        if found.dates and not found.numbers:
            return self._dates()
        texts = self._texts()
        truths = [text for text in texts if text.lower() in ("true", "false")]
        if truths and len(truths) + len(self._said(texts)) == len(texts) and not (found.numbers or found.dates):
            said = self._said(texts)
            return Decision(Reading("boolean", missing=tuple(said)), _some(self._missing_note(said)))
        return Decision(Reading("category"), _some(self._mixture()))

    def _code(self) -> say.Note | None:
        """Say why numbers are codes, or nothing."""
        found = self.found
        zeros = [tally for style, tally in found.numbers.items() if style.shape == "zeros"]
        if zeros:
            return say.leading_zeros(self.name, min(zeros, key=lambda one: one.row))
        whole = {style.shape for style in found.numbers} <= {"few digits", "digits"}
        if found.beyond and whole:
            return say.beyond_exact(self.name, found.beyond.text, found.beyond.row)
        only_dots = "dots" in self._shapes() and self._shapes() <= {"dots", "few digits", "digits"}
        if (
            only_dots
            and found.lengths[0] == found.lengths[1]
            and "few digits" not in self._shapes()
            and not self.decimal
        ):
            return say.two_dots(self.name, found.first("numbers"))
        if found.few and (pair := self._two_spellings()):
            return say.two_spellings(self.name, *pair)
        if self.declared and whole and len(self._said(found.texts)) == len(found.texts) and not found.other:
            return say.kept_as_texts(self.name, found.first("numbers"))
        return None

    def _two_spellings(self) -> tuple[str, str] | None:
        by_value: dict[float, str] = {}
        for text, value in (self.found.spellings or {}).items():
            other = by_value.setdefault(value, text)
            if other != text:
                return other, text
        return None

    def _numbers(self) -> Decision:
        """Numbers, if all cells but words for "missing" and slips are, in one notation."""
        texts, found = self._texts(), self.found
        styles, odd = self._styles_together()
        shapes = {style.shape for style in styles}
        marks = self._marks(styles)
        dress = _common_dress(styles)
        gone = self._gone(texts)
        slips = {text: tally for text, tally in texts.items() if text not in gone} | {one.text: one for one in odd}
        wrong = sum(tally.cells for tally in slips.values()) + (found.other.cells if found.other else 0)
        count = found.count("numbers") - sum(tally.cells for tally in odd)
        many = found.spellings is None or len(set(found.spellings.values())) > FEW_VALUES
        first = min(slips.values(), key=lambda one: one.row) if slips else found.other
        if marks is None or dress is None:
            return Decision(Reading("category"), _some(self._mixture()))
        if wrong and (not many or wrong > SLIPS * (count + wrong) or len(slips) > MOST_SLIPS):
            rare = wrong <= SLIPS * (count + wrong)
            return Decision(Reading("category"), _some(self._mixture()), slip=first if rare else None)
        if isinstance(marks, str):
            return Decision(Reading("category"), question=say.two_numbers(self.name, self._either()))
        words = tuple(gone) + tuple(slips)
        reading = Reading("number", *marks, *dress, clock=shapes == {"clock"}, missing=words)
        slip = say.slips(self.name, wrong, first) if wrong and first else None
        notes = _some(self._dress_note(reading, styles), self._missing_note(gone), self._spelling_note(reading), slip)
        return Decision(reading, notes, slip=first if wrong else None)

    def _dates(self) -> Decision:
        texts = self._texts()
        gone = self._gone(texts)
        orders = self._orders()
        if len(gone) < len(texts) or self.found.other or not orders:
            return Decision(Reading("category"), _some(self._mixture()))
        if CLEAR not in orders and (asked := order_asked(self.options.date_format or "")) in orders:
            orders = frozenset({asked})
        elif self._dotted(orders):
            orders = frozenset({"dmy"})
        iso = CLEAR in orders
        if not iso and len(orders) > 1:
            return Decision(Reading("category"), question=say.two_dates(self.name, self.found.first("dates"), orders))
        reading = Reading("date", date_format="ymd" if iso else next(iter(orders)), missing=tuple(gone))
        return Decision(reading, _some(self._date_note(reading), self._missing_note(gone)))

    def _in_format(self) -> Decision | None:
        """Dates in the format that the user gave, if all cells are."""
        texts = [tally.text for held in (self.found.dates, self.found.numbers) for tally in held.values()]
        texts += list(self.found.spellings or ())
        others = [text for text in self._texts() if text not in self._said(self._texts())]
        reading = Reading("date", date_format=self.options.date_format or "", asked=True)
        if not texts + others or not all(is_in_format(text, reading.date_format) for text in texts + others):
            return None
        return Decision(replace(reading, missing=tuple(self._said(self._texts()))))

    # ------------------------------------------------------------ parts of it

    def _shapes(self) -> set[str]:
        return {style.shape for style in self.found.numbers}

    def _texts(self) -> dict[str, Tally]:
        """Texts that are neither numbers nor dates."""
        return self.found.texts

    def _said(self, texts: Mapping[str, Tally]) -> list[str]:
        """Texts that say "missing" in some language, or consist of marks only."""
        return [
            text
            for text in texts
            if text not in self.options.kept
            and (text.casefold() in _SAYS_MISSING or not any(one.isalnum() for one in text))
        ]

    def _gone(self, texts: Mapping[str, Tally]) -> list[str]:
        """Texts that are missing among numbers or dates: those that say so, and one word that repeats."""
        said = self._said(texts)
        rest = [text for text in texts if text not in said]
        found = self.found
        many = found.spellings is None or len(set(found.spellings.values())) > FEW_VALUES
        word = rest[0] if len(rest) == 1 and not found.other else ""
        if (
            word
            and many
            and texts[word].cells > 1
            and not any(one.isdigit() for one in word)
            and word not in self.options.kept
        ):
            return [*said, word]
        return said

    def _styles_together(self) -> tuple[list[Style], list[Tally]]:
        """Return the ways of writing that go together, from the most frequent one on, and cells written otherwise."""
        together: list[Style] = []
        odd = []
        for style, tally in sorted(self.found.numbers.items(), key=lambda one: -one[1].cells):
            trial = [*together, style]
            if self._marks(trial) is None or _common_dress(trial) is None:
                odd.append(tally)
            else:
                together = trial
        return together, odd

    def _marks(self, styles: Collection[Style]) -> tuple[str, str] | str | None:
        shapes = {style.shape for style in styles}
        return decide_marks(shapes, self.options.decimal or self.decimal, self.separator == ";")

    def _orders(self) -> frozenset[str]:
        orders = ANY_ORDER
        for style in self.found.dates:
            orders &= style.orders
        return orders

    def _dotted(self, orders: frozenset[str]) -> bool:
        """Whether all dates that two orders fit stand with dots, as the day comes first where dots are used."""
        open_ = [style for style in self.found.dates if style.orders != ANY_ORDER]
        return bool(open_) and "dmy" in orders and all(style.mark == "." for style in open_)

    def _compact(self) -> bool:
        return self._shapes() <= {"digits"}

    def _either(self) -> Tally:
        return min(
            (tally for style, tally in self.found.numbers.items() if style.shape in ("dot3", "comma3")),
            key=lambda one: one.row,
        )

    # ------------------------------------------------------------ notes

    def _dress_note(self, reading: Reading, styles: Collection[Style]) -> say.Note | None:
        """Say how numbers are read that are not written plainly."""
        odd = [self.found.numbers[style] for style in styles if not _plain(style, reading)]
        if not odd:
            return None
        first = min(odd, key=lambda one: one.row)
        written = dissect(first.text)
        assert written is not None
        return say.read_as_number(self.name, first.text, value_of(written, reading.decimal))

    def _date_note(self, reading: Reading) -> say.Note | None:
        odd = [tally for style, tally in self.found.dates.items() if style.orders != ANY_ORDER]
        first = min(odd, key=lambda one: one.row) if odd else self.found.first("dates")
        if not odd and iso_seconds([first.text]) is not None:
            return None
        return say.read_as_date(self.name, first.text, reading.value(first.text))

    def _missing_note(self, words: list[str]) -> say.Note | None:
        tallies = [self.found.texts[word] for word in words if word in self.found.texts]
        if not tallies:
            return None
        return say.read_as_missing(self.name, sum(one.cells for one in tallies), [quoted(one.text) for one in tallies])

    def _spelling_note(self, reading: Reading) -> say.Note | None:
        found = self.found
        if (found.spellings is not None and (pair := self._two_spellings())) and not found.few:
            return say.spellings_differ(self.name, *pair)
        uneven = found.decimals[0] < found.decimals[1] and not (reading.thousands and not found.few)
        if found.spellings is None and found.trailing and uneven:
            return say.spellings_vary(self.name, found.trailing)
        return None

    def _mixture(self) -> say.Note | None:
        """Say it if a good part of a column of texts looks like numbers or dates."""
        found = self.found
        numbers, dates, texts = found.count("numbers"), found.count("dates"), found.count("texts")
        if numbers and numbers >= 0.5 * (numbers + dates + texts):
            odd = [*found.texts.values(), *found.dates.values(), *([found.other] if found.other else [])]
            return say.text_among_numbers(
                self.name, numbers, numbers + dates + texts, min(odd, key=_row) if odd else None, self._styles()
            )
        if dates and dates >= 0.5 * (numbers + dates + texts):
            odd = [*found.texts.values(), *found.numbers.values()]
            return say.text_among_dates(self.name, found.first("dates"), min(odd, key=_row) if odd else None)
        return None

    def _styles(self) -> list[str]:
        """Examples of two ways in which numbers are written here."""
        return [tally.text for tally in list(self.found.numbers.values())[:2]]


def _common_dress(styles: Collection[Style]) -> tuple[str, str] | None:
    """Return prefix and suffix of all numbers, or None if they differ."""
    worn = {(style.prefix.rstrip("."), style.suffix.rstrip(".")) for style in styles}
    bare = ("", "") in worn
    dressed = worn - {("", "")}
    if len(dressed) > 1 or (dressed and bare and not all(is_currency(one or other) for one, other in dressed)):
        return None
    return next(iter(dressed)) if dressed else ("", "")


def _some(*notes: say.Note | None) -> tuple[say.Note, ...]:
    return tuple(note for note in notes if note is not None)


def _row(tally: Tally) -> int:
    return tally.row


def _plain(style: Style, reading: Reading) -> bool:
    """Whether everybody reads a number so."""
    if style.prefix or style.suffix or style.sign:
        return False
    return style.shape in ("few digits", "digits", "zeros", "infinite") or (
        style.shape in ("dot", "dot3") and reading.decimal == "."
    )
