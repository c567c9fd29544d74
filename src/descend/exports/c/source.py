"""The two files of a model in C: its header and its source."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from descend.exports.c.answers import Answered, answered
from descend.exports.c.encoders import encoded
from descend.exports.c.functions import GUARDS, functions
from descend.exports.c.gathered import Encoded
from descend.exports.c.layers import LAYER, activation_calls, forward, weight_tables, widest
from descend.exports.c.names import LINE, comment, named, own
from descend.exports.c.row import RESERVED, Field, fields_of, lookups, needed_by_lookups, row_text
from descend.exports.described import Described
from descend.version import __version__

HEAD = """\
/* %s
   Made by descend %s; not meant to be edited.

%s */
"""


@dataclass
class Layers:
    """The layers of a network in C, in whatever arithmetic.

    Parameters
    ----------
    tables : list of str
        Constant arrays.
    text : str
        Functions of its own.
    calls : list of str
        Functions of `functions.FUNCTIONS` that it calls.
    body : str
        Of the function from x to v, with `scratch` to work in.
    scratch : int
        Floats of that.
    words : str
        What arithmetic it is, in a sentence.
    """

    tables: list[str]
    text: str
    calls: list[str]
    body: str
    scratch: int
    words: str


@dataclass
class Program:
    """A model in C, whole.

    Parameters
    ----------
    described : Described
        The model.
    prefix : str
        What all its names begin with.
    row : tuple of Field
        The fields of a row of a table; none: it reads X.
    inputs : Encoded
        From a row to x.
    layers : Layers
        From x to v.
    answer : Answered
        From v to out.
    """

    described: Described
    prefix: str
    row: tuple[Field, ...]
    inputs: Encoded
    layers: Layers
    answer: Answered
    sizes: Sequence[str] = field(default_factory=tuple)

    @property
    def features(self) -> int:
        """Inputs of the network."""
        return int(self.described.nets[0].spec.sizes[0])

    @property
    def near(self) -> tuple[str, ...]:
        """Columns whose numbers are float, not double."""
        return tuple(one.column.name for one in self.row if one.type == "float")

    @property
    def scratch(self) -> int:
        """Floats that a caller lends."""
        return (self.features if self.row else 0) + self.layers.scratch + self.described.outputs


def program(described: Described, prefix: str, layers: Layers | None = None) -> Program:
    """Return a model in C.

    Parameters
    ----------
    described : Described
        With one network.
    prefix : str
        What all names begin with.
    layers : Layers or None, default None
        Its layers in other arithmetic than float.

    Raises
    ------
    SpecError
        If it has an encoder or numbers that C does not take.
    """
    row = fields_of(described)
    inputs = encoded(described.nets[0].encoders, row)
    taken = [*RESERVED, *(name for one in row for name in one.constants)]
    return Program(described, prefix, row, inputs, layers or float_layers(described), answered(described, taken))


def float_layers(described: Described) -> Layers:
    """Return the layers in float."""
    net = described.nets[0]
    width = widest(net.spec)
    pointers = "".join(
        f"  float *const {name} = scratch{f' + {width}' if place else ''};\n"
        for place, name in enumerate("ab")
        if net.spec.depth > 1 + place
    )
    body = pointers + forward(net.spec)
    if net.spec.depth == 1:
        body += "  (void)scratch;\n"
    # declarations first, as C89 and some tools for controllers want it
    loop = "  size_t j;\n"
    body = loop + body.replace(loop, "", 1) if loop in body else body
    words = "Arithmetic in float."
    return Layers(
        weight_tables(net), LAYER, activation_calls(net.spec), body, min(net.spec.depth - 1, 2) * width, words
    )


# ---------------------------------------------------------------- the header


def header(made: Program, name: str, tested: bool = True) -> str:
    """Return the header's text; `tested`: the source has a test."""
    sizes = made.sizes or ["Not measured: no compiler was there that can."]
    told = [*_words(made), *sizes]
    n_columns = f"#define $COLUMNS {len(made.row)} /* columns of the table */\n" if made.row else ""
    text = (
        HEAD % (comment(name), __version__, "\n".join(f"   {line}" for line in told))
        + '#ifndef $H\n#define $H\n\n#ifdef __cplusplus\nextern "C" {\n#endif\n\n'
        + n_columns
        + f"#define $FEATURES {made.features} /* inputs of the network */\n"
        + f"#define $OUTPUTS {made.answer.outputs} /* numbers of an answer */\n"
        + (f"#define $LABELS {made.answer.labels} /* of a row */\n" if made.answer.labels else "")
        + f"#define $SCRATCH {max(made.scratch, 1)} /* floats that the caller lends to work in */\n"
        + "#define $NOT_FINITE (-1) /* returned if the answer is no finite number */\n\n"
        + row_text(made.row, made.described.features)
        + "\n"
        + made.answer.head
        + _prototypes(made)
        + (_of_test(name) if tested else "")
        + "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n"
    )
    return named(text, made.prefix)


def _words(made: Program) -> list[str]:
    spec = made.described.nets[0].spec
    sizes = "-".join(map(str, spec.sizes))
    names = ", ".join(dict.fromkeys(one.name for one in spec.activations))
    return [
        f"A network {sizes} ({names}). {made.layers.words}",
        "No library (a compiler may call memcpy and its like), no allocation, no state: functions may be called from",
        "several threads and interrupts at once, each with its own scratch. Needs C99 or C++17; products and sums may",
        "not be fused, which the source says to GCC, Clang and MSVC (others: an option such as -ffp-contract=off);",
        "-ffast-math is refused.",
        *(line for note in made.answer.notes for line in textwrap.wrap(note, LINE)),
    ]


def _prototypes(made: Program) -> str:
    kind = made.described.answer.kind
    returned = "the answered class" if kind == "classes" else "0"
    text = f"/* Predict: out gets $OUTPUTS numbers; returns {returned}, or $NOT_FINITE. */\n"
    text += "int @predict(const @row *row, float *out, float *scratch);\n"
    text += "/* The same from the $FEATURES inputs of the network. */\n"
    text += "int @predict_array(const float *x, float *out, float *scratch);\n"
    if made.row:
        text += "/* A row whose cells are all missing, to be filled. */\n@row @missing_row(void);\n"
        text += "/* From a row to the $FEATURES inputs of the network. */\n"
        text += "void @preprocess(const @row *row, float *x);\n"
    if made.answer.labels:
        text += "/* From out of @predict to $LABELS labels. */\nvoid @decide(const float *out, int *labels);\n"
    return text


def _of_test(name: str) -> str:
    source_name, program_name = (comment(shlex.quote(f"{name}{end}")) for end in (".c", "_test"))
    run = comment(shlex.quote(f"./{name}_test"))
    return (
        "/* How many of 8 rows have not the answers that they had where the model was made. Alone, with its own main:\n"
        f"   cc -std=c99 -D$SELF_TEST=2 {source_name} -o {program_name} && {run} && echo right */\n"
        "#ifdef $SELF_TEST\nint @self_test(void);\n#endif\n"
    )


# ---------------------------------------------------------------- the source


def source(made: Program, name: str, header_name: str, self_test: str = "") -> str:
    """Return the source's text."""
    calls = [*made.inputs.calls, *made.layers.calls, *made.answer.calls, *needed_by_lookups(made.row)]
    parts = [
        f"/* {comment(name)}: Made by descend {__version__}; see {comment(header_name)}. */\n\n"
        f'#include "{own(header_name)}"\n\n'
        "#include <stddef.h>\n#include <stdint.h>\n" + GUARDS,
        functions(calls),
        *made.inputs.tables,
        *made.answer.tables,
        *made.layers.tables,
        made.layers.text,
        _row_functions(made),
        f"static int @answer(const float *v, float *out) {{\n{made.answer.body}}}\n",
        _network(made),
        _predict(made),
        f"void @decide(const float *out, int *labels) {{\n{made.answer.decides}}}\n" if made.answer.decides else "",
        f"#ifdef $SELF_TEST\n{self_test}\n{_MAIN}#endif\n" if self_test else "",
    ]
    return named("\n".join(part for part in parts if part), made.prefix)


def _row_functions(made: Program) -> str:
    if not made.row:
        return ""
    nothing = {"int": "-1", "float": "nan", "double": "(double)nan"}
    missing = "".join(f"  row.{one.name} = {nothing[one.type]};\n" for one in made.row)
    nan = "" if all(one.type == "int" for one in made.row) else _NAN
    lines = "".join(f"  {line}\n" for statement in made.inputs.lines for line in statement.splitlines())
    cells = "".join(f"  {line}\n" for line in made.inputs.cells.values())
    return (
        f"@row @missing_row(void) {{\n{nan}  @row row;\n{_NAN_COPY if nan else ''}{missing}  return row;\n}}\n\n"
        f"{lookups(made.row)}\n"
        "void @preprocess(const @row *row, float *x) {\n"
        f"  int start;\n{cells}  for (start = 0; start < $FEATURES; start++) x[start] = 0.0f;\n{lines}}}\n"
    )


_MAIN = "#if $SELF_TEST + 0 == 2\nint main(void) { return @self_test() ? 1 : 0; }\n#endif\n"
_NAN = "  static const uint32_t word = 0x7FC00000u;\n  float nan;\n"
_NAN_COPY = "  memcpy(&nan, &word, sizeof nan);\n"


def _network(made: Program) -> str:
    """From x to the outputs of the network."""
    return f"static void @network(const float *x, float *v, float *scratch) {{\n{made.layers.body}}}\n"


def _predict(made: Program) -> str:
    array = (
        "int @predict_array(const float *x, float *out, float *scratch) {\n"
        f"  float *const v = scratch + {made.layers.scratch};\n  int j, answer;\n"
        "  @network(x, v, scratch);\n  answer = @answer(v, out);\n"
        "  for (j = 0; j < $OUTPUTS; j++)\n    if (!(out[j] - out[j] == 0.0f)) return $NOT_FINITE;\n"
        "  return answer;\n}\n\n"
    )
    if not made.row:
        call = "return @predict_array(row->x, out, scratch);"
    else:
        call = "@preprocess(row, scratch);\n  return @predict_array(scratch, out, scratch + $FEATURES);"
    return array + f"int @predict(const @row *row, float *out, float *scratch) {{\n  {call}\n}}\n"
