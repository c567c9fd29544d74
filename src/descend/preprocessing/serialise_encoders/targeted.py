"""Encoders that learn from the target <-> rows and tensors: target means, interactions, leaves of trees.

A coding   {"column", "part", "levels", "missing"} of a category, {"column", "part", "borders", "missing"} of a number
A ranking  {"column", "part", "levels", "instead"} of a category, {"column", "part", "instead"} of a number
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.preprocessing.checks import check, check_fields, is_number
from descend.preprocessing.encoders.additive import MOST_DIRECTIONS
from descend.preprocessing.encoders.codes import Coding
from descend.preprocessing.encoders.interactions import InteractionEncoder
from descend.preprocessing.encoders.leaves import LeafEncoder
from descend.preprocessing.encoders.ranking import Ranking
from descend.preprocessing.encoders.search import MOST_CELLS
from descend.preprocessing.encoders.target_means import TargetMeanEncoder
from descend.preprocessing.serialise_encoders.fields import (
    RANKED,
    Levels,
    Parts,
    Stored,
    Tensors,
    are_ranked,
    ascend,
    check_input,
    check_objects,
    check_places,
    check_tensor,
    input_parts,
    levels_parts,
    read_input,
    read_levels,
)
from descend.typing import Array

Targeted = TargetMeanEncoder | InteractionEncoder | LeafEncoder
TARGETED: dict[str, type[Targeted]] = {one.kind: one for one in (TargetMeanEncoder, InteractionEncoder, LeafEncoder)}
MOST_TERMS = 2_000  # more than there are candidates: what is read takes no more memory than that


# ---------------------------------------------------------------- writing


def targeted_parts(encoder: Targeted, shared: Levels) -> tuple[Parts, Tensors]:
    """Return row and tensors of an encoder; `shared` are the levels that the model holds once.

    Examples
    --------
    >>> from descend.preprocessing.encoders.inputs import Input
    >>> coding = Coding(Input("c"), ("x", "y"), None, False)
    >>> encoder = TargetMeanEncoder(coding, np.array([[0.5], [-0.5]], dtype=np.float32), 10.0)
    >>> row, tensors = targeted_parts(encoder, {})
    >>> row, tensors["means"].shape
    ({'kind': 'target mean', 'column': 'c', 'levels': ['x', 'y'], 'missing': False, 'smoothing': 10.0}, (2, 1))
    """
    row: Parts = {"kind": encoder.kind}
    if isinstance(encoder, TargetMeanEncoder):
        coding = _coding_parts(encoder.coding, shared)
        del coding["part"]
        return row | coding | {"smoothing": encoder.smoothing}, {"means": encoder.means}
    if isinstance(encoder, InteractionEncoder):
        row["codings"] = [_coding_parts(one, shared) for one in encoder.codings]
        row["terms"] = [list(term) for term in encoder.terms]
        tables = np.concatenate(encoder.tables)
        seen = (tables != 0.0).any(axis=1)  # most combinations of three inputs are in no training row
        return row, {"seen": np.packbits(seen), "tables": tables[seen]}
    row["rankings"] = [_ranking_parts(one, shared) for one in encoder.rankings]
    row["size"] = encoder.size
    children, feature = encoder.children.astype(np.int32), encoder.feature.astype(np.int32)
    return row, {"feature": feature, "threshold": encoder.threshold, "children": children}


def _coding_parts(coding: Coding, shared: Levels) -> Parts:
    if coding.borders is None:
        known: Parts = {"levels": levels_parts(coding.levels, coding.input.column, shared)}
    else:
        known = {"borders": coding.borders.tolist()}
    return input_parts(coding.input) | known | {"missing": coding.missing}


def _ranking_parts(ranking: Ranking, shared: Levels) -> Parts:
    levels = {"levels": levels_parts(ranking.levels, ranking.input.column, shared)} if ranking.levels else {}
    return input_parts(ranking.input) | levels | {"instead": ranking.instead}


# ---------------------------------------------------------------- reading


def read_targeted(entry: Parts, made: type[Targeted], stored: Stored, where: str) -> Targeted:
    """Make an encoder of a class of its row; its columns are not looked up.

    Raises
    ------
    FileError
        Naming the field or tensor that is wrong.
    """
    if made is TargetMeanEncoder:
        return _read_target_mean(entry, stored, where)
    if made is InteractionEncoder:
        return _read_interactions(entry, stored, where)
    return _read_leaves(entry, stored, where)


def check_columns(encoder: Targeted, kinds: Mapping[str, str], where: str) -> None:
    """Refuse an encoder that reads a column that is not there or of another kind; `kinds` are those of the columns."""
    if isinstance(encoder, TargetMeanEncoder):
        check_input(encoder.coding.input, True, kinds, where)
    elif isinstance(encoder, InteractionEncoder):
        for j, coding in enumerate(encoder.codings):
            check_input(coding.input, coding.borders is None, kinds, f"{where}.codings[{j}]")
    else:
        for j, ranking in enumerate(encoder.rankings):
            check_input(ranking.input, bool(ranking.levels), kinds, f"{where}.rankings[{j}]")


def _read_target_mean(entry: Parts, stored: Stored, where: str) -> TargetMeanEncoder:
    check_fields(entry, ("kind", "column", "levels", "missing", "smoothing"), f"{where}.")
    coding = _read_coding({name: entry[name] for name in ("column", "levels", "missing")} | {"part": ""}, stored, where)
    smoothing = entry["smoothing"]
    right = is_number(smoothing) and smoothing > 0
    check(right, f"{where}.smoothing", "must be a finite number above 0", smoothing)
    means = stored.tensor("means", "float32", (coding.size, None), where)
    check_tensor(means.shape[1] > 0, "means", "must have a column", where)
    return TargetMeanEncoder(coding, means, float(smoothing))


def _read_coding(entry: Parts, stored: Stored, where: str) -> Coding:
    known = "levels" if "levels" in entry else "borders"
    check_fields(entry, ("column", "part", known, "missing"), f"{where}.")
    one, missing = read_input(entry, where), entry["missing"]
    check(isinstance(missing, bool), f"{where}.missing", "must be true or false", missing)
    if known == "levels":
        levels = read_levels(entry["levels"], one.column, stored.levels, f"{where}.levels")
        return Coding(one, levels, None, missing)
    rule = "must be finite numbers, ascending and different"
    check(ascend(entry["borders"], 0), f"{where}.borders", rule, entry["borders"])
    return Coding(one, (), np.array(entry["borders"], dtype=np.float64), missing)


def _read_interactions(entry: Parts, stored: Stored, where: str) -> InteractionEncoder:
    check_fields(entry, ("kind", "codings", "terms"), f"{where}.")
    entries = entry["codings"]
    check_objects(entries, 2, f"{where}.codings")
    codings = tuple(_read_coding(one, stored, f"{where}.codings[{j}]") for j, one in enumerate(entries))
    inputs = [coding.input for coding in codings]
    check(len(set(inputs)) == len(inputs), f"{where}.codings", "must be of different inputs", entries)
    terms = _read_terms(entry["terms"], codings, f"{where}.terms")
    sizes = [_cells(term, codings) for term in terms]
    tables = _read_tables(sum(sizes), stored, where)
    return InteractionEncoder(codings, terms, tuple(np.split(tables, np.cumsum(sizes)[:-1])))


def _read_tables(cells: int, stored: Stored, where: str) -> NDArray[np.float32]:
    """Return the tables of all terms, one below the other: zeros where no bit of `seen` is set."""
    bits = np.unpackbits(stored.tensor("seen", "uint8", ((cells + 7) // 8,), where)).astype(bool)
    check_tensor(not bits[cells:].any(), "seen", f"must have no bit set beyond {cells}", where)
    kept = stored.tensor("tables", "float32", (int(bits.sum()), None), where)
    right = 1 <= kept.shape[1] <= MOST_DIRECTIONS and bool((kept != 0.0).any(axis=1).all())
    check_tensor(right, "tables", f"must have 1 to {MOST_DIRECTIONS} columns, and no row of zeros", where)
    tables = np.zeros((cells, kept.shape[1]), dtype=np.float32)
    tables[bits[:cells]] = kept
    return tables


def _cells(term: tuple[int, ...], codings: tuple[Coding, ...]) -> int:
    cells = 1
    for j in term:
        cells *= codings[j].size
    return cells


def _read_terms(value: Any, codings: tuple[Coding, ...], where: str) -> tuple[tuple[int, ...], ...]:
    rule = f"must be 1 to {MOST_TERMS:,} different pairs and triples of numbers from 0 to {len(codings) - 1}, ascending"
    right = isinstance(value, list) and 1 <= len(value) <= MOST_TERMS
    check(right and all(_is_term(term, len(codings)) for term in value), where, rule, value)
    terms = tuple(tuple(term) for term in value)
    check(len(set(terms)) == len(terms), where, rule, value)
    small = all(_cells(term, codings) <= MOST_CELLS for term in terms)
    check(small, where, f"must have at most {MOST_CELLS:,} combinations of codes each", value)
    return terms


def _is_term(value: Any, count: int) -> bool:
    if not isinstance(value, list) or len(value) not in (2, 3):
        return False
    whole = all(type(j) is int and 0 <= j < count for j in value)
    return whole and all(low < high for low, high in pairwise(value))


# ---------------------------------------------------------------- reading trees


def _read_leaves(entry: Parts, stored: Stored, where: str) -> LeafEncoder:
    check_fields(entry, ("kind", "rankings", "size"), f"{where}.")
    entries, size = entry["rankings"], entry["size"]
    check_objects(entries, 1, f"{where}.rankings")
    rankings = tuple(_read_ranking(one, stored, f"{where}.rankings[{j}]") for j, one in enumerate(entries))
    inputs = [ranking.input for ranking in rankings]
    check(len(set(inputs)) == len(inputs), f"{where}.rankings", "must be of different inputs", entries)
    check(is_number(size) and 0 < size <= 1, f"{where}.size", "must be a number above 0 and at most 1", size)
    feature = stored.tensor("feature", "int32", (None,), where)
    check_tensor(len(feature) > 0, "feature", "must have a node", where)
    threshold = stored.tensor("threshold", "float64", (len(feature),), where)
    children = stored.tensor("children", "int32", (len(feature), 2), where).astype(np.int64)
    check_places(feature, "feature", len(rankings), where)
    roots, leaf = _roots(children, where)
    check_tensor(not feature[leaf].any(), "feature", "must be 0 in leaves", where)
    check_tensor(not threshold[leaf].any(), "threshold", "must be 0 in leaves", where)
    column = np.where(leaf, np.cumsum(leaf) - 1, -1)
    return LeafEncoder(rankings, roots, feature.astype(np.int64), threshold, children, column, float(size))


def _roots(children: Array, where: str) -> tuple[Array, Array]:
    """Return the first node of each tree, and which nodes are leaves: they are their own children.

    All others have two children that come later, none has two parents, and trees stand one after the other: so every
    row falls into a leaf, and into one of its tree.
    """
    check_places(children, "children", len(children), where)
    node = np.arange(len(children))
    leaf = (children == node[:, None]).all(axis=1)
    below, inside = children[~leaf], node[~leaf]
    parents = np.bincount(below.ravel(), minlength=len(node))
    right = bool((below > inside[:, None]).all() and (parents <= 1).all())
    roots = np.flatnonzero(parents == 0)
    tree = np.searchsorted(roots, node, "right")
    right = right and bool((tree[below] == tree[inside][:, None]).all())
    rule = "must be a leaf's own number, or two later nodes of the same tree, each the child of one"
    check_tensor(right, "children", rule, where)
    return roots, leaf


def _read_ranking(entry: Parts, stored: Stored, where: str) -> Ranking:
    category = "levels" in entry
    check_fields(entry, ("column", "part", *(("levels",) if category else ()), "instead"), f"{where}.")
    one, instead = read_input(entry, where), entry["instead"]
    right = instead is None or is_number(instead)
    check(right, f"{where}.instead", "must be null or a finite number", instead)
    rule = RANKED, are_ranked
    levels = read_levels(entry["levels"], one.column, stored.levels, f"{where}.levels", rule) if category else ()
    return Ranking(one, levels, None if instead is None else float(instead))
