"""A formula of LaTeX as MathML, as browsers show it well."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from latex2mathml.converter import convert

NOT_KNOWN = re.compile(r"<m[a-z]+[^>]*>\s*(\\[a-zA-Z]+|&)<")
# What latex2mathml writes -> the same as browsers show it well; each line is seen in tests/docs/test_formulas.py
AS_BROWSERS_SHOW_IT: tuple[tuple[str, Callable[[re.Match[str]], str] | str], ...] = (
    (r'(?:<mi mathvariant="normal">\w</mi>){2,}', lambda name: f"<mi>{''.join(re.findall('>(.)<', name[0]))}</mi>"),
    (r"<mo>([A-Za-z]+)</mo>", r'<mi mathvariant="normal">\1</mi>'),
    (r'columnalign="(\w+)"', r'class="to-\1"'),
    (r'<mtable displaystyle="true"', '<mtable class="aligned" displaystyle="true"'),
    (r"<mo>&#x00028;</mo>(<mtable>.*?</mtable>)<mo>&#x00029;</mo>", r"<mrow><mo>(</mo>\1<mo>)</mo></mrow>"),
    (
        r"<msup>((?:<mrow>)?<mi[^>]*>[^<]*</mi>(?:</mrow>)?)<mi>&#x02032;</mi></msup>",
        r'<mrow>\1<mo lspace="0" rspace="0">&#x02032;</mo></mrow>',
    ),
    (r"<mo>&#x0005E;</mo></mover>", '<mo stretchy="false">&#x002C6;</mo></mover>'),
    (r"<mo>(&#x02202;|&#x0221E;)</mo>", r"<mi>\1</mi>"),
    (r"<mo>&#x0002F;</mo>", '<mo lspace="0" rspace="0">&#x0002F;</mo>'),
    (r"<mo>&#x0007C;</mo>", '<mo stretchy="false" lspace="0" rspace="0">&#x0007C;</mo>'),
    (r"<mi>&#x02016;</mi>", '<mo stretchy="false" lspace="0" rspace="0">&#x02016;</mo>'),
    (r'<mspace width="negativethinmathspace" />', '<mspace width="-0.167em" />'),
    (
        r"(<mo[^>]*>(?:&#x0003D;|&#x00028;|&#x000B7;|&#x02190;|&#x0002C;|\[|\()</mo>(?:<mspace[^>]*>)?)<mo>&#x02212;</mo>",
        r'\1<mo form="prefix">&#x02212;</mo>',  # = −1, not a − 1
    ),
)
ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|split)\}")


def mathml(latex: str, display: str) -> str:
    r"""Write a formula as MathML.

    Parameters
    ----------
    latex : str
        The formula, without dollars.
    display : {"inline", "block"}
        In a line of text, or in lines of its own.

    Returns
    -------
    str
        An element ``<math>``, with the formula as it was written in ``alttext``.

    Raises
    ------
    ValueError
        If the formula holds what cannot be written as MathML.

    Examples
    --------
    >>> mathml("x^2", "inline")[:20]
    '<math alttext="x^2" '
    >>> mathml(r"\nonsense", "inline")
    Traceback (most recent call last):
    ValueError: \nonsense is not known here in a formula
    """
    try:
        made = convert(ALIGNED.sub(r"\\\1{align*}", latex), display=display)
    except Exception as error:
        raise ValueError(f"{latex!r} is no formula: {type(error).__name__} {error}") from error
    if unknown := NOT_KNOWN.search(made):
        raise ValueError(f"{unknown[1]} is not known here in a formula")
    for pattern, better in AS_BROWSERS_SHOW_IT:
        made = re.sub(pattern, better, made)
    return made.replace("<math ", f'<math alttext="{escape(" ".join(latex.split()))}" ', 1)
