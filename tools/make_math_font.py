"""Make the font of the site's formulas: of STIX Two Math the signs that formulas use, 55 kB in place of 370.

Usage: ``python tools/make_math_font.py FONT``, where FONT is ``files/stix-two-math-latin-400-normal.woff`` of the npm
package ``@fontsource/stix-two-math`` (SIL Open Font License 1.1; docs/_static/math-font-licence.txt).
Without a font that knows mathematics a browser cannot stretch brackets, and many Linux machines have none.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parents[1] / "docs" / "_static" / "math.woff"
LETTERS = [*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x391, 0x3F6), *range(0x1D400, 0x1D468)]
GREEK = range(0x1D6E2, 0x1D71C)  # in italics
SIGNS = "‐‑‒–—―‖…′″ℎℓ∀∂∃∇∈∉∎∏∑−∗∘√∞∣∥∩∪∫≈≔≠≤≥≪≫⊂⊆⊕⊗⊙⊤⋀⋅⋮⋯←→↔⇒⟵⟶⌈⌉⌊⌋⟨⟩ˆ˜‾\u0302\u0303\u0304\u0305"


def made(source: Path) -> TTFont:
    """Keep the signs, their larger sizes and the table of mathematics; drop hints."""
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(layout_features=["*"], notdef_outline=True, hinting=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[*LETTERS, *GREEK], text=SIGNS)
    subsetter.subset(font)
    font.flavor = "woff"
    return font


if __name__ == "__main__":
    made(Path(sys.argv[1])).save(TARGET)
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")
