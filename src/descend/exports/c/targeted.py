"""Encoders that learn from the target, in C: target means, pairs and triples of inputs, leaves of small trees.

A network alone in a blend has them, as one fold and one member make it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.exports.c.gathered import Encoded, code, seen
from descend.exports.c.names import double
from descend.preprocessing.encoders.codes import Coding
from descend.preprocessing.encoders.ranking import Ranking


def target_mean(made: Encoded, encoder: Any) -> None:
    """What the level of a row has become; of an unseen one, 0."""
    means, width = made.array("float", encoder.means), encoder.means.shape[1]
    made.calls.append("copied")
    made.lines.append(
        f"{{\n  int k;\n{_coded(made, encoder.coding, 'k')}"
        f"  if (k >= 0) @copied({means} + k * {width}, {width}, x + {made.start});\n}}"
    )


def interactions(made: Encoded, encoder: Any) -> None:
    """The codes k of all inputs that take part; then what each combination of them has become."""
    codes = "".join(_coded(made, one, f"k[{j}]") for j, one in enumerate(encoder.codings))
    lines, start = [], made.start
    made.calls.append("copied")
    for term, table in zip(encoder.terms, encoder.tables, strict=True):
        there = " && ".join(f"k[{j}] >= 0" for j in term)
        joint = f"k[{term[0]}]"
        for j in term[1:]:
            joint = f"({joint} * {encoder.codings[j].size} + k[{j}])"
        width, name = table.shape[1], made.array("float", table)
        lines.append(f"  if ({there}) @copied({name} + {joint} * {width}, {width}, x + {start});\n")
        start += width
    made.lines.append(f"{{\n  int k[{len(encoder.codings)}];\n{codes}{''.join(lines)}}}")


def _coded(made: Encoded, coding: Coding, name: str) -> str:
    """Statements that set an int to the code of a row, or to −1 for what no training row had."""
    gone, column = coding.known if coding.missing else -1, coding.input.column
    if coding.borders is None:
        place, count = code(made, column, coding.levels)
        known = f"{place} >= 0 && {place} < {count} ? {place} : -1"
        told = known if gone < 0 else f"{made.cell(column)} == -1 ? {gone} : ({known})"
        return f"  {name} = {told};\n"
    borders, count = "", len(coding.borders)
    if count:
        borders = made.array("double", coding.borders)
        made.calls.append("above")
    value = f"@above({borders}, {count}, v)" if count else "v != v"  # without borders there is but the code 0
    return f"  {name} = {gone};\n" + _indented(seen(made, coding.input, f"  {name} = {value};"))


def leaves(made: Encoded, encoder: Any) -> None:
    """The numbers n of all inputs that trees ask for, NaN below every value; then down each tree."""
    found = "".join(_ranked(made, one, f"n[{j}]") for j, one in enumerate(encoder.rankings))
    nodes = len(encoder.feature)
    most = max(nodes, len(encoder.rankings))
    whole = "uint8_t" if most < 2**8 else "uint16_t" if most < 2**16 else "int32_t"
    # a leaf leads to itself; of others no column is asked for
    children, feature = made.array(whole, encoder.children), made.array(whole, encoder.feature)
    columns = made.array(whole, np.maximum(encoder.column, 0))
    thresholds, roots = made.array("double", encoder.threshold), made.array(whole, encoder.roots)
    made.lines.append(
        f"{{\n  double n[{len(encoder.rankings)}];\n  int t, node, below;\n{found}"
        f"  for (t = 0; t < {len(encoder.roots)}; t++) {{\n    below = {roots}[t];\n"
        "    do {\n      node = below;\n"
        f"      below = {children}[2 * node + (n[{feature}[node]] >= {thresholds}[node] ? 1 : 0)];\n"
        f"    }} while (below != node);\n    x[{made.start} + {columns}[node]] = {float(encoder.size)}f;\n  }}\n}}"
    )


def _ranked(made: Encoded, ranking: Ranking, name: str) -> str:
    """Statements that set a double to the number of a row."""
    made.calls.append("number")
    instead = "(double)@number(0x7FC00000u)" if ranking.instead is None else double(ranking.instead)
    column = ranking.input.column
    if not made.is_category(column):
        return f"  {name} = {instead};\n" + _indented(seen(made, ranking.input, f"  {name} = v;"))
    place, count = code(made, column, ranking.levels)
    return f"  {name} = {place} >= 0 && {place} < {count} ? (double){place} : {instead};\n"


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())
