"""What users call columns, levels and files, in C: each a name of its own that compilers take."""

import ctypes
import re
import shutil

import numpy as np
import pytest

from c_programs import WARN, compiled, need
from descend import Network
from descend.errors import SpecError
from descend.exports.c.row import fields_of
from descend.exports.c.write import program_of, written
from descend.exports.door import export
from descend.exports.fitted import described
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand


def trained(columns):
    options = TrainOptions(preset="single", hidden=(3,), epochs=1, restarts=1)
    return train(understand(columns, "y", options)).model


def test_awkward_names_become_names_that_c_takes():
    columns = {name: [1.0, 2.0, 3.0] for name in ("int", "int ", "2nd", "年", "a b", "a-b", "A B")}
    columns |= {name: [1.0, 2.0, 3.0] for name in ("NULL", "ADC1", "null", "n" * 99)}
    columns |= {"x_y": ["z", "w", "é"], "x": ["y_z", "", "  "], "y": [1.0, 2.0, 4.0]}
    made = fields_of(described(trained({name: one * 9 for name, one in columns.items()})))
    names = [one.name for one in made]
    codes = [code for one in made for code in one.constants]
    assert len({name.lower() for name in names}) == len(names)
    assert len({code.lower() for code in codes}) == len(codes)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) for name in [*names, *codes])
    assert "int" not in names
    assert not any(name.isupper() for name in names)  # as macros of headers are


@pytest.mark.parametrize("name", ['"q".c', "a'b.c", "-x.c", "a\\b.c", "a\nb.h"])
def test_a_name_that_no_source_can_include_is_refused(tmp_path, name):
    with pytest.raises(SpecError, match="must be one that compilers take"):
        export(Network([2, 1], seed=0), tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("prefix", ["", "2x", "a b", "a__b", "a_", "x" * 25, "é", 3])
def test_a_prefix_that_no_language_takes_is_refused(tmp_path, prefix):
    with pytest.raises(SpecError, match="`prefix` must be a letter"):
        export(Network([2, 1], seed=0), tmp_path / "net.c", prefix=prefix)
    assert not list(tmp_path.iterdir())


def test_files_are_named_after_the_output(tmp_path):
    names = list(written(program_of(described(Network([2, 1], seed=0)), "p", {})[0], "pump.v2").files)
    assert names == ["pump.v2.c", "pump.v2.h"]


LEVELS = '"q"|\\|a\nb|??/|??=|*/|/*|//|% d|é|e\u0301|E|e|a\tb|\u202e|😀|𝟙|-1|1|1.5|$|@'
LEVELS += "|#define A 1|\\\n|int|other|missing|Other"
NAMES = (
    'a b|a.b|a-b|A_B|int|class|float|年|1st|x|out|row|scratch|FEATURES|h|predict|of|*/|??/|"|\\|l\nb|%s|é|end|type|true'
)
NAMES += (
    "|c_float|answer|text|NULL|far|k|start|v|main|W0|b0|table_0|bits|errno|_x|__y|x_of|I|complex|\U0001f600|DBL_MAX"
)
HEADERS = "complex math limits stdio stdlib errno string stdbool sys/stat"


@pytest.mark.long
@pytest.mark.parametrize("prefix", ["pump", "I", "int", "row"])
def test_awkward_columns_and_levels_compile_in_every_language_and_are_found(tmp_path, prefix):
    """Behind the headers of C and its macros, too."""
    need("gcc")
    random, levels, columns = np.random.default_rng(0), LEVELS.split("|"), {}
    for place, name in enumerate(NAMES.split("|")):
        numbers = random.normal(size=300).tolist()
        columns[name] = numbers if place % 2 else [levels[k] for k in random.integers(0, len(levels), 300)]
    model = trained(columns | {"y": random.normal(size=300).tolist()})
    assert export(model, tmp_path / "m.f90", prefix=prefix).proof.proved  # by gfortran, where it is there
    (tmp_path / "all.h").write_text("".join(f"#include <{name}.h>\n" for name in HEADERS.split()))
    for compiler in filter(shutil.which, ("gcc", "clang")):
        for language in (("-std=c99",), ("-std=gnu11", "-trigraphs"), ("-x", "c++", "-std=c++17")):
            behind = [] if "c++" in language else ["-include", "all.h"]
            options = [*language, *WARN, "-Wcomment", "-Wtrigraphs", *behind, f"-D{prefix.upper()}_SELF_TEST"]
            compiled(tmp_path, [compiler, *options, "-c", "m.c", "-o", "m.o"])
    compiled(tmp_path, ["gcc", "-std=c99", "-shared", "-fPIC", "-o", "m.so", "m.c"])
    library = ctypes.CDLL(str(tmp_path / "m.so"))
    for one in fields_of(described(model)):
        if one.kind == "category":
            find = getattr(library, f"{prefix}_{one.name}_of")
            assert [find(level.encode()) for level in one.column.levels] == list(range(len(one.column.levels)))
            assert (find(b""), find(b"unseen")) == (-1, -2)
