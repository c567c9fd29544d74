"""Names, numbers and comments in C: what users call things becomes what a compiler takes, each name once."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from descend.errors import SpecError, quoted
from descend.typing import Array

MOST_LETTERS = 40  # of a name made of a text; C99 looks at 63 of an identifier, Fortran at as many
LINE = 110  # columns of a line of numbers
_AT, _DOLLAR = "\ufdd0", "\ufdd1"  # no characters: "@" and "$" of a user's own texts until the prefix is in place

# words that C99 to C23, C++ up to 23, their headers or common compilers keep for themselves
_WORDS = """
alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class co_await
co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype default delete do
double dynamic_cast else enum explicit export extern false far float for friend goto huge if inline int interrupt linux
long mutable namespace near new noexcept not not_eq nullptr operator or or_eq private protected public register
reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct switch template
this thread_local throw true try typedef typeid typename typeof typeof_unqual unix union unsigned using virtual void
volatile wchar_t while xor xor_eq errno stdin stdout stderr assert offsetof cdecl complex hyper imaginary interface i386
mips pascal pixel small sparc sun s_addr vector
"""
KEYWORDS = frozenset(_WORDS.split())


def plain(text: str) -> str:
    """Return the letters, digits and underscores of ASCII that spell a text best; "" if there are none.

    Examples
    --------
    >>> plain("Länge (mm)"), plain("年"), plain("a  b"), plain("-1.5")
    ('Lange_mm', '', 'a_b', 'minus_1_5')
    """
    told = re.sub(r"^-(?=[\d.])", "minus ", text.strip())
    ascii_only = unicodedata.normalize("NFKD", told).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "_", ascii_only).strip("_")[:MOST_LETTERS].rstrip("_")


def distinct(names: Iterable[str], otherwise: str, taken: Iterable[str] = ()) -> list[str]:
    """Return names that differ, upper and lower case aside: of equal ones those behind the first get a number.

    Parameters
    ----------
    names : iterable of str
        As `plain` makes them.
    otherwise : str
        What an empty one, or one that begins with a digit, begins with.
    taken : iterable of str
        Names that none may have.

    Examples
    --------
    >>> distinct(["mass", "Mass", "", "2nd", "mass_2"], "column")
    ['mass', 'Mass_2', 'column', 'column_2nd', 'mass_2_2']
    """
    used = {one.lower() for one in taken}
    found = []
    for name in names:
        start = name if name and not name[0].isdigit() else f"{otherwise}_{name}".rstrip("_")
        made, count = start, 1
        while made.lower() in used:
            count += 1
            made = f"{start}_{count}"
        used.add(made.lower())
        found.append(made)
    return found


def fields(names: Sequence[str]) -> list[str]:
    """Return the names of the fields of a row: those of columns, where C and C++ allow them.

    Names of capitals alone become small: macros have such names, NULL and PI, and ADC1 in the header of a chip.

    Examples
    --------
    >>> fields(["mass", "class", "body mass", "body-mass", "7", "ADC1"])
    ['mass', 'class_2', 'body_mass', 'body_mass_2', 'column_7', 'adc1']
    """
    spelt = (plain(name) for name in names)
    return distinct((one.lower() if one.isupper() else one for one in spelt), "column", KEYWORDS)


def constants(start: str, texts: Iterable[Any], otherwise: str, taken: Iterable[str] = ()) -> list[str]:
    """Return names of constants, in capitals, that begin with the same word.

    Examples
    --------
    >>> constants("colour", ["red", "RED", "", 3, True, -1], "level", ["COLOUR_3"])
    ['COLOUR_RED', 'COLOUR_RED_2', 'COLOUR_LEVEL', 'COLOUR_3_2', 'COLOUR_TRUE', 'COLOUR_MINUS_1']
    """
    return [one.upper() for one in distinct((f"{start}_{plain(str(text)) or otherwise}" for text in texts), "", taken)]


def prefix_of(stem: str, given: Any = None) -> str:
    """Return what all names of a model begin with, without the underscore behind it: as given, or from a file's name.

    Raises
    ------
    SpecError
        If it is given and no name that C, C++ and Fortran allow.

    Examples
    --------
    >>> prefix_of("my model-2"), prefix_of("年"), prefix_of("x", "pump")
    ('my_model_2', 'model', 'pump')
    """
    if given is None:
        made = plain(stem)
        return made if made and not made[0].isdigit() else f"model_{made}".rstrip("_")
    right = isinstance(given, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", given) and len(given) <= 24
    if not right or "__" in given or given.endswith("_"):
        raise SpecError(
            "export: `prefix` must be a letter and then letters, digits and single underscores, at most 24 in all, "
            f"such as pump; got {quoted(given)}."
        )
    return str(given)


# ---------------------------------------------------------------- numbers


def number(x: Any) -> str:
    """Return a float of C that holds just this number, rounded to 24 bits.

    Examples
    --------
    >>> number(0.1), number(-2.0), number(0)
    ('0x1.99999ap-4f', '-0x1p+1f', '0x0p+0f')
    """
    return f"{_hexadecimal(float(np.float32(x)))}f"


def double(x: Any) -> str:
    """Return a double of C that holds just this number.

    Examples
    --------
    >>> double(0.1)
    '0x1.999999999999ap-4'
    """
    return _hexadecimal(float(x))


def _hexadecimal(x: float) -> str:
    return re.sub(r"\.?0*p", "p", x.hex())


def table(kind: str, name: str, values: Array | Sequence[Any]) -> str:
    r"""Return a constant array: of "float", "double", or a type of integers.

    Examples
    --------
    >>> table("int8_t", "@w", [1, -2])
    'static const int8_t @w[2] = {\n  1, -2};\n'
    """
    write = {"float": number, "double": double}.get(kind, lambda one: str(int(one)))
    flat = np.ravel(np.asarray(values)).tolist()
    line, lines = " ", list[str]()
    for place, one in enumerate(flat):
        word = f" {write(one)}{',' if place + 1 < len(flat) else ''}"
        if len(line) + len(word) > LINE:
            lines, line = [*lines, line], " "
        line += word
    return f"static const {kind} {name}[{len(flat)}] = {{\n" + "\n".join([*lines, line]) + "};\n"


def literal(text: str) -> str:
    r"""Return a text in UTF-8 as C writes it; what is no letter, digit or blank of ASCII by its number.

    Examples
    --------
    >>> literal("-99 é")
    '"\\05599 \\303\\251"'
    """
    plain_ones = {*string.ascii_letters.encode(), *string.digits.encode(), *b" "}
    bytes_ = text.encode("utf-8", "surrogatepass")
    return '"' + "".join(chr(one) if one in plain_ones else f"\\{one:03o}" for one in bytes_) + '"'


def comment(text: str) -> str:
    r"""Return a text that may stand in a comment of C: no end of it, no trigraph, nothing that no eye sees.

    Examples
    --------
    >>> comment("a */ b ??/ \n c"), comment("5 µm")
    ('a * / b ? ?/ U+000A c', '5 µm')
    """
    hidden = "".join(f"U+{ord(c):04X}" if unicodedata.category(c)[0] == "C" or c in "\u2028\u2029" else c for c in text)
    safe = hidden.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?").replace("\\", "\\ ")
    return own(safe)


def own(text: str) -> str:
    """Return a user's own text so that `named` leaves it as it is."""
    return text.replace("@", _AT).replace("$", _DOLLAR)


def named(text: str, prefix: str) -> str:
    """Return a text of C with its prefix in place of "@", in capitals in place of "$".

    Examples
    --------
    >>> named("#define $ROWS 3 /* " + comment("a@b") + " */ int @f(void);", "pump")
    '#define PUMP_ROWS 3 /* a@b */ int pump_f(void);'
    """
    filled = text.replace("@", f"{prefix}_").replace("$", f"{prefix.upper()}_")
    return filled.replace(_AT, "@").replace(_DOLLAR, "$")
