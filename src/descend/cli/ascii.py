"""Terminals and files without Unicode: Greek letters and signs are written in plain letters."""

from __future__ import annotations

import codecs

PLAIN = {
    "−": "-",
    "·": "*",
    "…": "...",
    "→": "->",
    "←": "<-",
    "⊙": "(*)",
    "▸": ">",
    "–": "-",
    "─": "-",
    "×": "x",
    "≥": ">=",
    "∂": "d",
    "δ": "delta",
    "η": "eta",
    "λ": "lambda",
    "σ": "sigma",
    "ᵀ": "^T",
    "½": "1/2",
    "²": "^2",
    "ℓ": "l",
    "∞": "inf",
    "\u0303": "",  # the tilde above W
}


def in_ascii() -> str:
    """Return the name of an error handler for streams without Unicode: signs are written in plain letters."""
    codecs.register_error("descend-ascii", plain_letters)
    return "descend-ascii"


def plain_letters(error: UnicodeError) -> tuple[str, int]:
    """Replace what cannot be encoded.

    Examples
    --------
    >>> codecs.register_error("descend-ascii", plain_letters)
    >>> "δ_2[0] = −0.5·0.1 → ☃".encode("ascii", "descend-ascii")
    b'delta_2[0] = -0.5*0.1 -> ?'
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign, "?") for sign in signs), error.end
