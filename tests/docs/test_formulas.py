"""Formulas of the pages become MathML that browsers show well."""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "docs" / "extensions"))

from formula import mathml

DOCS = Path(__file__).resolve().parents[2] / "docs"
FENCE = re.compile(r"^```.*?^```|`[^`\n]+`", re.DOTALL | re.MULTILINE)
FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\w$])\$([^$\n]+(?:\n[^$\n]+)?)\$", re.DOTALL)


def formulas(page: Path) -> list[str]:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return [block or inline for block, inline in FORMULA.findall(text)]


@pytest.mark.parametrize("folder", ["mathematics", "engine"])
def test_every_formula_of_the_pages_is_known_and_well_formed(folder):
    found = [formula for page in sorted((DOCS / folder).glob("*.md")) for formula in formulas(page)]
    assert len(found) > 30
    for formula in found:
        ElementTree.fromstring(mathml(formula, "block"))


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        (r"\begin{aligned} a &= b \end{aligned}", '<mtd class="to-right"><mi>a</mi></mtd><mtd class="to-left">'),
        (r"\begin{aligned} a &= b \end{aligned}", '<mtable class="aligned" '),
        (r"\begin{pmatrix} 1 \end{pmatrix} x", "<mrow><mo>(</mo><mtable>"),
        (r"\sigma'(s)", '<mrow><mi>&#x003C3;</mi><mo lspace="0" rspace="0">&#x02032;</mo></mrow>'),
        (r"\mathrm{relu}'", "<mi>relu</mi></mrow><mo lspace"),
        (r"\operatorname{E}", '<mi mathvariant="normal">E</mi>'),
        (r"\hat m", '<mo stretchy="false">&#x002C6;</mo></mover>'),
        (r"\lvert v \rvert", '<mo stretchy="false" lspace="0" rspace="0">&#x0007C;</mo><mi>v</mi>'),
        (r"\Vert v \Vert", '<mo stretchy="false" lspace="0" rspace="0">&#x02016;</mo><mi>v</mi>'),
        (r"\partial L/\partial v", '<mi>&#x02202;</mi><mi>L</mi><mo lspace="0" rspace="0">&#x0002F;</mo>'),
        (r"a = -1", '<mo>&#x0003D;</mo><mo form="prefix">&#x02212;</mo>'),
        (r"a \cdot (-1)", '<mo form="prefix">&#x02212;</mo>'),
        (r"(1, -a)", '<mo form="prefix">&#x02212;</mo><mi>a</mi>'),
        (r"[-a, a]", '<mo form="prefix">&#x02212;</mo><mi>a</mi>'),
        (r"x\!\left[y\right]", '<mspace width="-0.167em" />'),
    ],
)
def test_what_browsers_show_badly_is_written_otherwise(formula, shown):
    assert shown in mathml(formula, "block")


def test_a_difference_keeps_its_minus():
    assert "prefix" not in mathml("a - b", "inline")


def test_a_formula_keeps_its_text_for_those_who_hear_it():
    assert 'alttext="W_\\ell"' in mathml(r"W_\ell", "inline")


def test_what_is_no_formula_is_said():
    with pytest.raises(ValueError, match=r"\\nonsense is not known here"):
        mathml(r"\nonsense", "inline")


def test_no_line_ends_between_a_formula_and_its_comma():
    pytest.importorskip("sphinx")
    import mathml as extension
    from docutils import nodes, utils

    document = utils.new_document("page")
    document += nodes.paragraph("", "", nodes.Text("Of "), nodes.math("a", "a"), nodes.Text("): more"))
    document += nodes.paragraph("", "", nodes.math("b", "b"), nodes.Text(" is left"))
    extension.keep_together(None, document)
    first, second = document.children
    assert [child.astext() for child in first] == ["Of ", "a):", " more"]
    assert first[1]["classes"] == ["together"]
    assert [type(child) for child in second] == [nodes.math, nodes.Text]


def test_the_site_s_font_has_every_sign_of_the_formulas():
    ttf = pytest.importorskip("fontTools.ttLib")
    font = ttf.TTFont(DOCS / "_static" / "math.woff")
    assert "MATH" in font  # brackets grow by this table
    assert "math.woff" in (DOCS / "_static" / "site.css").read_text(encoding="utf-8")
    shown: set[str] = set()
    for page in DOCS.rglob("*.md"):
        for formula in formulas(page):
            elements = ElementTree.fromstring(mathml(formula, "inline")).iter()
            shown.update(sign for element in elements for sign in element.text or "")
    assert {"Σ", "∑", "δ", "ℓ", "√"} & shown
    italic = {chr(0x1D44E + k) for k in range(26) if k != 7} | {
        chr(0x1D434 + k) for k in range(26)
    }  # as <mi> shows letters
    assert sorted(sign for sign in shown | italic if ord(sign) not in font.getBestCmap()) == []
