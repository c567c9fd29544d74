"""One network in C: it answers as its model does, compiles without a warning, and brings no names but its own."""

import re
import subprocess
import warnings

import numpy as np
import pytest

from c_programs import LANGUAGES, WARN, compiled, fast_only, need, need_sanitizers, output, put
from descend import MLPClassifier, MLPRegressor, Network, TabularRegressor
from descend.errors import SpecError
from descend.exports.c.source import program
from descend.exports.c.write import answers_of, ask_library, program_of, rows_in_c
from descend.exports.columns import raw_columns
from descend.exports.described import Answer, Described, Net
from descend.exports.door import export
from descend.exports.fitted import described
from descend.exports.proof import compared
from descend.exports.rows import ProofRows, proof_rows
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand
from descend.preprocessing.encoders.inputs import Inputs
from descend.spec.activations import ACTIVATIONS
from descend.spec.network import make_spec
from descend.tables.cells.reading import Reading
from descend.tables.columns.column import make_column
from fitted_encoders import encoded, fitted, table

MARK = -777.0  # means "missing"
HIDDEN = tuple(name for name, row in ACTIVATIONS.items() if row.hidden)


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    fast_only(monkeypatch)


def difference(tmp_path, fitted_model, **options):
    """The largest difference of the C and its model on made rows, as a share of the scale."""
    need("cc")
    plain = described(fitted_model)
    made, integers = program_of(plain, "m", options)
    put(tmp_path, made, "m", integers)
    rows = proof_rows(plain)
    worst, _, wrong = compared(plain, rows, plain.ask(rows.given), answers_of(made, tmp_path / "m.c", rows, integers))
    assert wrong == "" or options
    return worst.share


def mixed_table(rows=160):
    """Numbers near 0 and far from it, missing cells, categories with awkward names, booleans, dates."""
    random = np.random.default_rng(0)
    texts = ["red", "grün", "*/ int x", "", 'no "q" ??/ @$ \\']
    day = np.datetime64("2011-02-25T03:00:00")
    return {
        "when": [str(day + np.timedelta64(int(hours), "h")) for hours in random.integers(0, 40_000, rows)],
        "class": [texts[k] for k in random.integers(0, 5, rows)],
        "two": [["a", "b"][k] for k in random.integers(0, 2, rows)],
        "flag": [[True, False, None][k] for k in random.integers(0, 3, rows)],
        "far": (1e6 + random.normal(size=rows)).tolist(),
        "x": [None if u < 0.1 else float(u) for u in random.random(rows)],
        "y": random.normal(size=rows).tolist(),
    }


def trained(columns, target, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plan = understand(columns, target, TrainOptions(preset="single", hidden=(6,), epochs=3, restarts=1, **options))
        return train(plan).model


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize("name", ["mish", "step"])
def test_a_network_answers_as_predict_does(tmp_path, name):
    net = Network([7, 6, 5, 3], activation=name, seed=1)
    net.theta[:] *= 0.01  # small weights, of which six decimals would be too little
    assert difference(tmp_path, net) < 1e-5


@pytest.mark.long
@pytest.mark.parametrize("bias", [1.0, 0.0, [0.5, 0.0, 2.0]])
@pytest.mark.parametrize("sizes", [[1, 9, 8, 1], [6, 5, 4, 3]])
@pytest.mark.parametrize(
    "output", [("identity", "squared"), ("sigmoid", "log_loss"), ("exp", "poisson"), ("tanh", "squared")]
)
@pytest.mark.parametrize("name", HIDDEN)
def test_every_activation_with_every_output(tmp_path, name, output, sizes, bias):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = Network(sizes, activation=name, output=output[0], loss=output[1], bias=bias, seed=2)
    assert difference(tmp_path, net) < 1e-5


@pytest.mark.long
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [[3, 2], [4, 300, 5], [90, 7, 2]])
def test_softmax_of_any_size(tmp_path, sizes, dtype):
    net = Network(sizes, activation="tanh", output="softmax", loss="log_loss", dtype=dtype, seed=2)
    assert difference(tmp_path, net) < 1e-5


def test_a_table_of_all_kinds_answers_as_predict_does(tmp_path):
    assert difference(tmp_path, trained(mixed_table(), "y")) < 1e-5


@pytest.mark.long
@pytest.mark.parametrize("options", [{}, {"threshold": 0.3}, {"threshold": "f1"}, {"costs": [[0, 1], [7, 0]]}])
def test_classes_are_decided_as_predict_does(tmp_path, options):
    columns = mixed_table()
    columns["c"] = [["no", "yes"][value > 0.8] for value in columns.pop("y")]
    assert difference(tmp_path, trained(columns, "c", **options)) < 1e-5


@pytest.mark.long
@pytest.mark.parametrize("target", ["two", "three", "labels", "columns", "texts"])
def test_classifiers_of_arrays(tmp_path, target):
    X = np.random.default_rng(0).normal(size=(80, 4))
    three = np.digitize(X[:, 0], [-0.5, 0.5])
    y = {
        "two": X[:, 0] > 0,
        "three": three,
        "labels": (X[:, :3] > 0).astype(int),
        "columns": np.stack([three, 3 + (X[:, 1] > 0)], axis=1),
        "texts": np.array(["a", "b", "c"])[three],
    }[target]
    net = MLPClassifier((5,), max_iter=3, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net.fit(X, y)
    assert difference(tmp_path, net) < 1e-5


@pytest.mark.long
@pytest.mark.parametrize(
    "loss", ["squared_error", "poisson", "huber", "absolute_error", "quantile", "quantiles", "several"]
)
def test_regressors_of_arrays(tmp_path, loss):
    X = np.random.default_rng(0).normal(size=(80, 4))
    levels = {"quantile": 0.7, "quantiles": [0.9, 0.1, 0.5]}.get(loss)
    name = {"quantiles": "quantile", "several": "squared_error"}.get(loss, loss)
    net = MLPRegressor(name, (5,), loss_parameter=levels, max_iter=3, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net.fit(X, X[:, :3] if loss == "several" else np.exp(X[:, 0]))
    assert difference(tmp_path, net) < 1e-5


def test_a_distilled_estimator_for_tables(tmp_path):
    X = np.random.default_rng(0).normal(size=(120, 3))
    blend = TabularRegressor(quality="fast", random_state=0).fit(X, X[:, 0] * 1000.0)
    assert difference(tmp_path, blend.distil(X, hidden=(5,), epochs=1, restarts=1)) < 1e-5
    with pytest.raises(SpecError, match="descend distil MODEL TABLE"):
        export(blend, tmp_path / "blend.c")


# ---------------------------------------------------------------- encoders


def of_encoders(encoders):
    """A model whose network sees what encoders make of `fitted_encoders.table`."""
    inputs = table()
    names = list(
        dict.fromkeys(name for one in encoders for name in (one.columns if hasattr(one, "columns") else [one.name]))
    )
    readings = {name: Reading(inputs.columns[name].kind, missing=(f"{MARK:g}",)) for name in names}
    columns = raw_columns(readings, names, encoders)
    spec = make_spec([sum(len(one.feature_names) for one in encoders), 1])
    net = Net(spec, tuple(np.zeros(shape, np.float32) for shape in spec.shapes), tuple(encoders))
    nothing = {"prediction": np.zeros(inputs.rows)}
    return Described(
        "Model",
        columns,
        (),
        (net,),
        None,
        Answer("numbers", flat=True),
        lambda rows: nothing,
        lambda rows: inputs,
        dict,
    )


def altered(inputs):
    """The same rows with cells that are missing, unseen, or far away, and their cells as given: some are marked."""
    random = np.random.default_rng(7)
    columns, cells = {}, {}
    far = [np.nan, -1e12, 1e12]
    for name, column in inputs.columns.items():
        others = {"category": ["", "unseen"], "boolean": [np.nan, MARK], "number": [*far, MARK]}.get(column.kind, far)
        values = column.values.astype(object)
        for k in np.flatnonzero(random.random(len(values)) < 0.3):
            values[k] = others[random.integers(len(others))]
        cells[name] = values.tolist()
        columns[name] = make_column(name, column.kind, [np.nan if one == MARK else one for one in cells[name]])
    return Inputs(columns), cells


@pytest.mark.parametrize("rows", ["training", "altered"])
def test_each_encoder_makes_what_it_makes_in_python(tmp_path, monkeypatch, rows):
    """All in one program, those that learn from the target too."""
    import ctypes

    need("cc")
    monkeypatch.setattr("descend.exports.c.write.self_test", lambda made, integers: "")
    taken, (inputs, given) = fitted(), altered(table()) if rows == "altered" else (table(), None)
    plain = of_encoders(taken)
    made = program(plain, "m")
    put(tmp_path, made, "m")
    compiled(tmp_path, ["cc", "-std=c99", *WARN, "-O1", "-shared", "-fPIC", "-o", "m.so", "m.c"])
    from descend.exports.c.row import packed

    cells = packed(made.row, inputs.columns, given)
    X = np.full((len(cells), made.features), np.nan, dtype=np.float32)
    preprocess = ctypes.CDLL(str(tmp_path / "m.so")).m_preprocess
    for k in range(len(cells)):
        preprocess(ctypes.c_void_p(cells[k:].ctypes.data), ctypes.c_void_p(X[k:].ctypes.data))
    start = 0
    for one in taken:
        right = encoded(one, inputs)
        got = X[:, start : start + right.shape[1]]
        assert np.abs(got - right).max() < 3e-6, one
        start += right.shape[1]


# ---------------------------------------------------------------- compilers


def write_two(tmp_path):
    """Two models, and a program that asks for the tests that they bring."""
    first, second = trained(mixed_table(), "y"), Network([3, 4, 2], activation="gelu", seed=0)
    for stem, one in (("one", first), ("two", second)):
        put(tmp_path, program_of(described(one), stem, {})[0], stem)
    main = '#include "one.h"\n#include "two.h"\nint main(void) { return one_self_test() + two_self_test(); }\n'
    (tmp_path / "main.c").write_text(main)
    return [*WARN, "-DONE_SELF_TEST", "-DTWO_SELF_TEST", "-o", "program", "main.c", "one.c", "two.c"]


def test_two_models_in_one_program_pass_the_tests_that_they_bring(tmp_path):
    need("gcc")
    compiled(
        tmp_path, ["gcc", "-std=c99", "-O2", "-fsanitize=undefined", "-fno-sanitize-recover=all", *write_two(tmp_path)]
    )
    assert output(tmp_path) == ""


@pytest.mark.parametrize("stem", ["net", "my net $x"])
def test_the_test_of_a_model_runs_by_the_line_that_its_header_has(tmp_path, stem):
    need("cc")
    put(tmp_path, program_of(described(Network([3, 4, 2], seed=0)), "net", {})[0], stem)
    (line,) = re.findall(r"^   (cc .*) \*/$", (tmp_path / f"{stem}.h").read_text(), re.MULTILINE)
    done = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "right\n", "")
    path = tmp_path / f"{stem}.c"
    path.write_text(re.sub(r"(expected\[\d+\] = {\n +)", r"\g<1>0x1p+9f + ", path.read_text()))
    assert subprocess.run(line, shell=True, cwd=tmp_path, check=False).returncode == 1


@pytest.mark.long
@pytest.mark.parametrize(
    "options", [("-O0",), ("-O2",), ("-Os",), ("-O3", "-march=native"), ("-O1", "-fsanitize=address,undefined")]
)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_every_compiler_takes_it_without_a_warning(tmp_path, compiler, language, options):
    need(compiler)
    if any("sanitize" in one for one in options):
        need_sanitizers(tmp_path, compiler)
    names = LANGUAGES[language]
    runtime = ["-lstdc++"] if language == "c++17" else []  # of the sanitizers, not of what is exported
    compiled(tmp_path, [compiler, *names, *options, *write_two(tmp_path), *runtime])
    assert output(tmp_path) == ""


def test_fused_arithmetic_and_optimisation_change_no_bit(tmp_path):
    """In gcc's own dialect, which fuses products and sums where the processor can."""
    import ctypes

    need("gcc")
    plain = described(Network([30, 16, 16, 2], activation="softplus", seed=0))
    made, _ = program_of(plain, "m", {})
    put(tmp_path, made, "m")
    rows, found = proof_rows(plain), []
    for k, options in enumerate([("-O0",), ("-O3", "-march=native")]):
        compiled(tmp_path, ["gcc", *options, "-shared", "-fPIC", "-o", f"m{k}.so", "m.c"])
        found.append(ask_library(made, ctypes.CDLL(str(tmp_path / f"m{k}.so")), rows)[0])
    assert (found[0].view(np.uint32) == found[1].view(np.uint32)).all()


@pytest.mark.parametrize("option", ["-ffast-math", "-Ofast", "-ffinite-math-only"])
def test_fast_math_is_refused(tmp_path, option):
    need("cc")
    put(tmp_path, program_of(described(Network([2, 1], seed=0)), "m", {})[0], "m")
    done = subprocess.run(["cc", option, "-c", "m.c"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "without -ffast-math" in done.stderr


def test_all_names_begin_with_the_prefix_and_no_library_is_called(tmp_path):
    need("gcc")
    need("nm")
    put(tmp_path, program_of(described(trained(mixed_table(), "y")), "pump", {})[0], "pump")
    compiled(tmp_path, ["gcc", "-std=c99", "-O2", "-c", "pump.c"])
    done = subprocess.run(["nm", "-g", "pump.o"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    lines = [line.split()[-2:] for line in done.splitlines()]
    assert all(name.startswith("pump_") for kind, name in lines if kind != "U")
    compilers_own = {"memcpy", "memmove", "memset", "_GLOBAL_OFFSET_TABLE_"}  # which compilers may call of themselves
    assert {name for kind, name in lines if kind == "U"} <= compilers_own
    text = (tmp_path / "pump.c").read_text()
    assert not re.search(r"malloc|stdio|math\.h|static (?!const)\w+ \w+( =|;)", text)


# ---------------------------------------------------------------- the door


def test_a_header_says_what_the_model_takes(tmp_path, monkeypatch):
    need("gcc")
    need("size")
    monkeypatch.undo()
    found = export(Network([4, 8, 1], seed=0), tmp_path / "net.c")
    assert [path.name for path in found.paths] == ["net.c", "net.h"]
    assert found.proof.proved
    said = re.search(
        r"this machine, .* -Os: ([\d,]+) bytes of flash .*, 0 of static RAM", (tmp_path / "net.h").read_text()
    )
    compiled(tmp_path, ["cc", "-std=c99", "-Os", "-c", "net.c"])
    text, data, bss = subprocess.run(["size", "net.o"], cwd=tmp_path, capture_output=True, text=True).stdout.split()[
        6:9
    ]
    assert (int(said.group(1).replace(",", "")), 0) == (int(text) + int(data), int(data) + int(bss))


def test_without_a_compiler_it_is_written_and_said_not_to_be_proved(tmp_path, monkeypatch):
    monkeypatch.setattr("descend.exports.c.compilers.shutil.which", lambda name: None)
    found = export(Network([2, 1], seed=0), tmp_path / "net.h", prefix="pump")
    assert str(found.proof) == "not proved: no C compiler is found (cc, gcc or clang)"
    assert [path.name for path in found.paths] == ["net.h", "net.c"]
    assert "int pump_predict(" in (tmp_path / "net.h").read_text()


def test_other_arithmetic_is_refused(tmp_path):
    with pytest.raises(SpecError, match='`fixed` must be "int8"'):
        export(Network([2, 1], seed=0), tmp_path / "net.c", fixed="int4")


def test_restarts_that_answer_together_are_refused_with_the_way_out(tmp_path):
    X = np.random.default_rng(0).normal(size=(40, 2))
    net = MLPRegressor("squared_error", (3,), restarts=2, select="ensemble", max_iter=2, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net.fit(X, X[:, 0])
    with pytest.raises(SpecError, match='Fit with select="best"'):
        export(net, tmp_path / "net.c")


def test_a_row_that_is_not_finite_is_told(tmp_path):
    need("cc")
    import ctypes

    made, _ = program_of(described(Network([2, 3, 1], seed=0)), "m", {})
    put(tmp_path, made, "m")
    compiled(tmp_path, ["cc", "-std=c99", "-O1", "-shared", "-fPIC", "-o", "m.so", "m.c"])
    rows = ProofRows(None, np.array([[0.0, 1.0], [np.nan, 1.0]]), ("", ""), np.ones(2, bool))
    assert ask_library(made, ctypes.CDLL(str(tmp_path / "m.so")), rows)[1].tolist() == [0, -1]


@pytest.mark.parametrize("kind", ["table", "int8", "steps"])
def test_nothing_is_written_beyond_what_is_lent(tmp_path, kind):
    need("cc")
    import ctypes

    net = Network([3, 9, 5, 2], activation="step" if kind == "steps" else "tanh", seed=0)
    options = {} if kind == "table" else {"fixed": "int8", "table": np.eye(3)}
    made, _ = program_of(described(trained(mixed_table(), "y") if kind == "table" else net), "m", options)
    put(tmp_path, made, "m")
    compiled(tmp_path, ["cc", "-std=c99", "-O1", "-shared", "-fPIC", "-o", "m.so", "m.c"])
    library, row = ctypes.CDLL(str(tmp_path / "m.so")), np.zeros(made.features, np.float32)
    lent = [np.full(size + 99, 7.5, np.float32) for size in (made.answer.outputs, made.scratch)]
    library.m_predict_array(*(ctypes.c_void_p(one.ctypes.data) for one in (row, *lent)))
    if kind == "table":
        cells = rows_in_c(made, proof_rows(made.described).take(np.arange(1)))
        library.m_predict(*(ctypes.c_void_p(one.ctypes.data) for one in (cells, *lent)))
    assert (lent[0][made.answer.outputs :] == 7.5).all()
    assert (lent[1][made.scratch :] == 7.5).all()
    assert not (lent[1][made.scratch - made.answer.outputs : made.scratch] == 7.5).any()
