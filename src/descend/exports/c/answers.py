"""What outputs become, in C: probabilities and the answered class, or numbers in the target's units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.exports.c.names import comment, constants, number, table
from descend.exports.described import PREDICTION, Answer, ClassColumn, Described
from descend.exports.rows import proof_rows
from descend.models.decisions.scaling import LEAST
from descend.typing import Floats

LARGEST = float(np.finfo(np.float32).max)
SMALLEST = 1e-30
BLURRED = 1e-5  # steps of float, as shares of a spread, from which on they are told
BELOW_1 = 1.0 - 2.0**-24
MOST_NAMED = 300  # classes of a column whose codes have names


@dataclass
class Answered:
    """The answer of a model in C, as it is gathered.

    Parameters
    ----------
    outputs : int
        Numbers that it writes.
    head : str
        What the header says of it.
    body : str
        Of ``int @answer(const float *v, float *out)``; v are the outputs of the network.
    tables : list of str
        Constant arrays.
    calls : list of str
        Functions that it calls.
    codes : list of (str, int, str)
        Constants of the classes: name, number, and what it is.
    decides : str
        Of ``void @decide(const float *out, int *labels)``, if there is one: several labels or columns of classes.
    labels : int
        How many that writes.
    notes : tuple of str
        What should be known of it, a sentence each.
    """

    outputs: int
    head: str
    body: str
    tables: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    codes: list[tuple[str, int, str]] = field(default_factory=list)
    decides: str = ""
    labels: int = 0
    notes: tuple[str, ...] = ()


def answered(described: Described, taken: Iterable[str] = ()) -> Answered:
    """Return what outputs become, in C; `taken` are names of constants that classes may not have.

    Raises
    ------
    SpecError
        If answers are too large for float.

    Examples
    --------
    >>> import descend
    >>> from descend.exports.fitted import described
    >>> answered(described(descend.Network([2, 3], seed=0))).outputs
    3
    """
    answer = described.answer
    if answer.kind == "classes":
        return _classes(described, taken)
    if answer.kind == "columns":
        return _columns(described, taken)
    made = _of_numbers(described)
    return replace(made, notes=tuple(filter(None, [_far_words_of(described)])))


def _of_numbers(described: Described) -> Answered:
    answer = described.answer
    return {"outputs": _outputs, "numbers": _numbers, "multilabel": _multilabel}[answer.kind](described)


def _loop(n: int, line: str) -> str:
    return f"  for (j = 0; j < {n}; j++) {line}\n"


def _outputs(described: Described) -> Answered:
    n = described.outputs
    head = f"/* out: the {n} outputs of the network */\n{_beyond_words(described)}"
    return Answered(n, head, "  int j;\n" + _loop(n, "out[j] = v[j];") + "  return 0;\n")


# ---------------------------------------------------------------- numbers


def _numbers(described: Described) -> Answered:
    answer, n = described.answer, described.outputs
    made = Answered(n, _numbers_words(answer, n) + _beyond_words(described), "  int j;\n" + _loop(n, "out[j] = v[j];"))
    if described.clip is not None:
        _clipped(made, "clip", *described.clip)
    if (answer.scale != 1.0).any() or (answer.mean != 0.0).any():
        _check_float(answer)
        made.tables += [table("float", "@scale", answer.scale), table("float", "@mean", answer.mean)]
        made.body += _loop(n, "out[j] = out[j] * @scale[j] + @mean[j];")
    if np.isfinite(answer.low).any():
        _clipped(made, "range", answer.low, answer.high)
    if answer.levels:
        made.body += _sorted(n, answer.levels)
    made.body += "  return 0;\n"
    return made


def _numbers_words(answer: Answer, n: int) -> str:
    if answer.levels:
        levels = ", ".join(f"{level:g}" for level in answer.levels)
        return f"/* out: the quantiles {levels}, which do not cross */\n"
    return f"/* out: the predicted number{'s' * (n > 1)} */\n"


def _beyond_words(described: Described) -> str:
    if described.nets[0].spec.activations[-1].name != "exp" or described.nets[0].weights[0].dtype != np.float64:
        return ""  # predict itself answers in float
    return "/* out is infinity where the model answers more than 3.4e38, as float has no larger numbers */\n"


def _check_float(answer: Answer) -> None:
    largest = float((np.abs(answer.mean) + 100.0 * np.abs(answer.scale)).max())
    if not largest < LARGEST:
        raise SpecError(
            f"export: the predicted numbers must fit into float, whose largest is 3.4e38; these reach {largest:.3g}. "
            "Train on numbers in other units."
        )
    least = float(np.abs(answer.scale).min())
    if least < SMALLEST:
        raise SpecError(
            f"export: the predicted numbers must spread by {SMALLEST:g} or more, as float has no smaller ones with all "
            f"their digits; these spread by {least:.3g}. Train on numbers in other units."
        )


def _far_words_of(described: Described) -> str:
    """The same words of what a model predicts; of float64 networks that read X by made rows, as no units are known."""
    answer = described.answer
    if described.columns:
        return far_words(answer.mean, answer.scale) if answer.kind == "numbers" else ""
    if answer.kind == "multilabel" or described.nets[0].weights[0].dtype != np.float64:
        return ""  # predict itself answers in float
    rows = proof_rows(described)
    given = rows.take(np.flatnonzero(rows.ordinary)).given
    if not len(given):
        return ""
    found = np.asarray(described.ask(given)[PREDICTION], dtype=np.float64).reshape(len(given), -1)
    spread = found.std(axis=0)
    return far_words(np.median(found, axis=0)[spread > 0.0], spread[spread > 0.0])


def far_words(mean: Floats, scale: Floats) -> str:
    """Say that numbers stand so far from 0 for their spread that float blurs them; "" if they do not.

    Examples
    --------
    >>> far_words(np.array([1.7e9]), np.array([1e5]))
    'Float holds predictions about 1.7e+09 in steps of 128, 0.0013 of their spread, which the proof forgives...'
    >>> far_words(np.array([20.0]), np.array([1.0]))
    ''
    """
    if not len(mean):
        return ""
    with np.errstate(over="ignore"):
        steps = np.spacing(np.abs(np.asarray(mean, dtype=np.float32))).astype(np.float64)
    worst = int(np.argmax(np.abs(mean) / scale))
    if not float(np.finfo(np.float32).eps) * abs(float(mean[worst])) > BLURRED * float(scale[worst]):
        return ""
    center, step = float(mean[worst]), float(steps[worst])
    return (
        f"Float holds predictions about {center:.2g} in steps of {step:.3g}, {step / float(scale[worst]):.2g} of their "
        f"spread, which the proof forgives. Take {center:.2g} off the target before the training, and add it in double "
        "to what C answers."
    )


def _clipped(made: Answered, name: str, low: Floats, high: Floats) -> None:
    ends = [np.clip(one, -LARGEST, LARGEST) for one in (low, high)]
    n = made.outputs
    made.tables += [table("float", f"@{name}_{end}", one) for end, one in zip(("low", "high"), ends, strict=True)]
    made.body += _loop(n, f"out[j] = out[j] < @{name}_low[j] ? @{name}_low[j] : out[j];")
    made.body += _loop(n, f"out[j] = out[j] > @{name}_high[j] ? @{name}_high[j] : out[j];")


def _sorted(n: int, levels: tuple[float, ...]) -> str:
    """Sort ascending, then put each where its level stands."""
    text = (
        f"  for (j = 1; j < {n}; j++) {{\n    const float one = out[j];\n    int k = j;\n"
        "    for (; k > 0 && out[k - 1] > one; k--) out[k] = out[k - 1];\n    out[k] = one;\n  }\n"
    )
    order = np.argsort(levels).tolist()
    if order != list(range(n)):
        text += f"  {{\n    static const int place[{n}] = {{{', '.join(map(str, order))}}};\n    float sorted[{n}];\n"
        text += (
            f"    memcpy(sorted, out, sizeof sorted);\n    for (j = 0; j < {n}; j++) out[place[j]] = sorted[j];\n  }}\n"
        )
    return text


# ---------------------------------------------------------------- classes


def _probabilities(one: ClassColumn, first: int) -> str:
    """Statements: the probabilities of a column of classes, from its own outputs, to out[first], …."""
    k, v = len(one.labels), f"v[{one.outputs.start} + j]"
    if k == 1:
        return f"  (void)v;\n  out[{first}] = 1.0f;\n"
    if one.width == 1:
        return f"  out[{first}] = 1.0f - v[{one.outputs.start}];\n  out[{first + 1}] = v[{one.outputs.start}];\n"
    if not one.divided:
        return _loop(k, f"out[{first} + j] = {v};")
    return (
        "  sum = 0.0f;\n"
        f"  for (j = 0; j < {k}; j++) {{\n    out[{first} + j] = {v} > 0.0f ? {v} : ({v} <= 0.0f ? 0.0f : {v});\n"
        f"    sum += out[{first} + j];\n  }}\n"
        f"  for (j = 0; j < {k}; j++) out[{first} + j] = sum == 0.0f ? {number(1.0 / k)} : out[{first} + j] / sum;\n"
    )


def _declared(columns: tuple[ClassColumn, ...]) -> str:
    divided = any(one.divided and one.width > 1 for one in columns)
    looped = divided or any(one.width > 1 for one in columns)
    return "  int j;\n" * looped + "  float sum;\n" * divided


def _classes(described: Described, taken: Iterable[str]) -> Answered:
    (one,) = described.answer.columns
    decision, k = described.answer.decision, len(one.labels)
    codes = _codes(one, "class", taken)
    head = "/* out: the probability of each class; what is returned is the answered one */\n" + _enum(codes)
    made = Answered(k, head, "  int j, best = 0;\n" + _declared((one,)).replace("  int j;\n", ""), codes=codes)
    made.body += _probabilities(one, 0)
    if decision.scaling is not None:
        _mended(made, decision.scaling)
    if decision.threshold is not None:
        made.body += f"  best = out[1] >= {number(decision.threshold)} ? 1 : 0;\n"
    elif decision.costs is not None:
        _cheapest(made, decision.costs)
    else:
        made.body += f"  for (j = 1; j < {k}; j++) best = out[j] > out[best] ? j : best;\n"
    made.body += "  return best;\n"
    return made


def _mended(made: Answered, scaling: Any) -> None:
    """q_k ~ exp(a log p_k + b_k), in the place of p_k."""
    k = made.outputs
    made.calls += ["log", "softmax"]
    made.tables.append(table("float", "@shift", scaling.shifts))
    least = number(LEAST)
    made.body += _loop(k, f"out[j] = out[j] < {least} ? {least} : (out[j] > 1.0f ? 1.0f : out[j]);")
    made.body += _loop(k, f"out[j] = {number(scaling.slope)} * @log(out[j]) + @shift[j];")
    made.body += f"  @softmax(out, {k});\n"


def _cheapest(made: Answered, costs: tuple[tuple[float, ...], ...]) -> None:
    """The class of the least expected cost; costs as shares of the largest, so that all fit into float."""
    k = made.outputs
    made.tables.append(table("float", "@cost", np.array(costs) / np.abs(costs).max()))
    made.body += (
        "  {\n    float least = 0.0f;\n"
        f"    for (j = 0; j < {k}; j++) {{\n      float cost = 0.0f;\n      int i;\n"
        f"      for (i = 0; i < {k}; i++) cost += out[i] * @cost[i * {k} + j];\n"
        "      if (j == 0 || cost < least) {\n        least = cost;\n        best = j;\n      }\n    }\n  }\n"
    )


def _codes(one: ClassColumn, start: str, taken: Iterable[str]) -> list[tuple[str, int, str]]:
    """Constants of the classes of a column; none if there are very many."""
    if len(one.labels) > MOST_NAMED:
        return []
    names = constants(start, one.labels, "class", taken)
    return [(name, code, repr(label)) for code, (name, label) in enumerate(zip(names, one.labels, strict=True))]


def _enum(codes: list[tuple[str, int, str]]) -> str:
    if not codes:
        return ""
    lines = ",\n".join(f"  ${name} = {code} /* {comment(words)} */" for name, code, words in codes)
    return f"enum {{\n{lines}\n}};\n"


def _columns(described: Described, taken: Iterable[str]) -> Answered:
    columns = described.answer.columns
    total = sum(len(one.labels) for one in columns)
    head = "/* out: the probability of each class, column by column */\n"
    codes = [_codes(one, f"class_{place}", taken) for place, one in enumerate(columns)]
    head += "".join(_enum(own) for own in codes)
    made = Answered(total, head, _declared(columns), codes=[one for own in codes for one in own], labels=len(columns))
    first, decides = 0, "  int j, best;\n"
    for place, one in enumerate(columns):
        k = len(one.labels)
        made.body += _probabilities(one, first)
        decides += (
            f"  best = {first};\n  for (j = {first + 1}; j < {first + k}; j++) best = out[j] > out[best] ? j : best;\n"
        )
        decides += f"  labels[{place}] = best - {first};\n"
        first += k
    made.body += "  return 0;\n"
    made.decides = decides
    return made


def _multilabel(described: Described) -> Answered:
    n = described.outputs
    below = number(BELOW_1)
    body = "  int j;\n" + _loop(n, f"out[j] = v[j] > {below} ? {below} : v[j];") + "  return 0;\n"
    head = "/* out: the probability of each label */\n"
    decides = "  int j;\n" + _loop(n, "labels[j] = out[j] > 0.5f ? 1 : 0;")
    return Answered(n, head, body, decides=decides, labels=n)
