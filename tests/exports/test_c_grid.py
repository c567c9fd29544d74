"""Everything that one network can be, in C, by every compiler: programs as users write them answer as predict does.

Nothing of the exporter's own proof takes part: rows are written as statements of C, answers are what it prints.
"""

import subprocess
import warnings
from datetime import datetime

import numpy as np
import pytest

from c_programs import LANGUAGES, STRICTEST, compiled, fast_only, need, need_sanitizers, put
from descend import MLPClassifier, MLPRegressor, Network, TabularClassifier, TabularRegressor
from descend.exports.c.write import program_of
from descend.exports.fitted import described
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand
from descend.spec.activations import ACTIVATIONS
from descend.spec.losses import LOSSES
from exported_tables import awkward_table, goals

HIDDEN = [name for name, row in ACTIVATIONS.items() if row.hidden]
OUTPUTS = [(name, loss.name) for loss in LOSSES.values() for name in loss.outputs if name != "custom"]
OUTPUTS.append(("softmax", "log_loss"))
ROWS = np.random.default_rng(1).normal(size=(24, 4)).astype(np.float32)
BUILDS = [  # compiler, options
    ("gcc", ("-O2",)),
    ("clang", ("-O3", "-march=native")),
    ("gcc", ("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")),
    ("clang", ("-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")),
]
ALL_BUILDS = [(*build, language) for language in LANGUAGES for build in BUILDS]
HEAD = "#include <stdio.h>\n"
ASK = """
static void ask_{p}(const {p}_row *row) {{
  float out[{P}_OUTPUTS], scratch[{P}_SCRATCH];
  int j;
  printf("%d", {p}_predict(row, out, scratch));
  for (j = 0; j < {P}_OUTPUTS; j++) printf(" %a", (double)out[j]);
  printf("\\n");
}}
"""


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    fast_only(monkeypatch)


def asking(prefix):
    """The lines of a program that ask one model."""
    return f'#include "{prefix}.h"\n' + ASK.format(p=prefix, P=prefix.upper())


def rows_of(prefix):
    """The statements of a program that ask a model for ROWS."""
    rows = ", ".join("{{" + ", ".join(f"{v.hex()}f" for v in row) + "}}" for row in ROWS.tolist())
    ask = f"for (k = 0; k < {len(ROWS)}; k++) ask_{prefix}(rows + k);"
    return f"  {{\n    static const {prefix}_row rows[] = {{{rows}}};\n    int k;\n    {ask}\n  }}\n"


def run(folder, build, stems, main):
    """Compile and run; return what is returned and answered, (rows,) and a list of arrays."""
    compiler, options, language = build
    need(compiler)
    if any("sanitize" in one for one in options):
        need_sanitizers(folder, compiler)
    (folder / "main.c").write_text(HEAD + main)
    (folder / "models.c").write_text("".join(f'#include "{stem}.c"\n' for stem in stems))  # in one unit, too
    strictest = [one for one in STRICTEST if language == "c99" or "prototypes" not in one]
    compiled(folder, [compiler, *LANGUAGES[language], *strictest, *options, "-c", "models.c", "-o", "models.o"])
    runtime = ["-lstdc++"] if language == "c++17" else []  # of sanitizers; the program's own is without libm
    compiled(folder, [compiler, *LANGUAGES[language], *options, "-O0", "-c", "main.c", "-o", "main.o"])
    compiled(folder, [compiler, *options, "-o", "program", "main.o", "models.o", *runtime])
    done = subprocess.run(["./program"], cwd=folder, capture_output=True, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    return [int(one[0]) for one in lines], [np.array([float.fromhex(v) for v in one[1:]]) for one in lines]


def assert_close(found, expected, probabilities=False):
    """Within 1e-5 of the scale of each output, as users are promised."""
    expected = np.asarray(expected, dtype=np.float64).reshape(len(found), -1)
    found = np.stack(found)
    assert found.shape == expected.shape
    scale = 1.0 if probabilities else np.maximum(expected.std(axis=0), 1e-2 * np.abs(expected).max(axis=0))
    rounding = 2.0**-23 * np.abs(expected)  # both are numbers of float32
    assert (np.abs(found - expected) <= 1e-5 * scale + rounding).all()


# ---------------------------------------------------------------- networks


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*all hidden layers are identity")
@pytest.mark.parametrize("place", range(len(HIDDEN)), ids=HIDDEN)
def test_networks_of_every_output_and_loss_in_one_program(tmp_path, place):
    """By GCC, and by one of the other builds in turn."""
    nets = []
    for k, (output, loss) in enumerate(OUTPUTS):
        for outputs in (2, 5) if output == "softmax" else (1, 3):
            dtype = ("float32", "float64")[(k + place + outputs // 2) % 2]
            nets.append(Network([4, 7, 5, outputs], HIDDEN[place], output, loss, dtype=dtype, seed=1))
    main, asked = "", ""
    for k, net in enumerate(nets):
        put(tmp_path, program_of(described(net), f"n{k}", {})[0], f"n{k}")
        main += asking(f"n{k}")
        asked += rows_of(f"n{k}")
    for build in (ALL_BUILDS[0], ALL_BUILDS[1 + place % (len(ALL_BUILDS) - 1)]):
        stems = [f"n{k}" for k in range(len(nets))]
        _, answers = run(tmp_path, build, stems, f"{main}int main(void) {{\n{asked}  return 0;\n}}\n")
        for k, net in enumerate(nets):
            assert_close(answers[k * len(ROWS) : (k + 1) * len(ROWS)], net.predict(ROWS.astype(net.dtype)))


# ---------------------------------------------------------------- estimators of arrays

KINDS = {
    "poisson": (MLPRegressor, {"loss": "poisson"}, lambda s: np.exp(s / 3.0)),
    "two outputs": (MLPRegressor, {}, lambda s: np.stack([s, 100.0 - 3.0 * s], axis=1)),
    "quantiles": (MLPRegressor, {"loss": "quantile", "loss_parameter": [0.9, 0.1, 0.5]}, lambda s: s),
    "two classes": (MLPClassifier, {}, lambda s: s > 0.0),
    "five classes": (MLPClassifier, {}, lambda s: np.digitize(s, [-2.0, -1.0, 0.0, 1.0])),
    "labels": (MLPClassifier, {}, lambda s: np.stack([s > 0.0, s > 1.0, s < -1.0], axis=1).astype(int)),
    "columns": (MLPClassifier, {}, lambda s: np.stack([np.digitize(s, [-1, 1]), 3 + (s > 0.0)], axis=1)),
}


@pytest.mark.long
@pytest.mark.parametrize("build", ALL_BUILDS)
@pytest.mark.parametrize("kind", KINDS)
def test_estimators_of_arrays(tmp_path, kind, build):
    maker, given, goal = KINDS[kind]
    X = np.random.default_rng(0).normal(size=(120, 4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = maker(hidden_layer_sizes=(5,), max_iter=3, random_state=0, **given)
        net.fit(X, goal(X[:, 0] * 2.0 - X[:, 1] ** 2))
    put(tmp_path, program_of(described(net), "net", {})[0], "net")
    main = f"{asking('net')}int main(void) {{\n{rows_of('net')}  return 0;\n}}\n"
    returned, answers = run(tmp_path, build, ["net"], main)
    if maker is MLPRegressor:
        assert_close(answers, net.predict(ROWS))
        return
    found = net.predict_proba(ROWS)
    assert_close(answers, np.concatenate(found, axis=1) if isinstance(found, list) else found, probabilities=True)
    if kind.endswith("classes"):
        assert net.classes_[returned].tolist() == net.predict(ROWS).tolist()


# ---------------------------------------------------------------- raw tables


def statement(name, cell):
    """A user's line for a cell of a table; missing ones stay as they are."""
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, str):
        text = "".join(f"\\{byte:03o}" for byte in cell.encode())
        return f'    row.{name} = m_{name}_of("{text}");\n'
    if isinstance(cell, datetime):
        return f"    row.{name} = {(cell - datetime(1970, 1, 1)).total_seconds()!r};\n"
    if isinstance(cell, bool | np.bool_):
        return f"    row.{name} = {int(cell)};\n"
    return f"    row.{name} = {float(cell).hex()};\n"


def program_of_rows(table):
    """A program that fills rows as a user does, and asks for each."""
    names = list(table.columns)
    filled = ""
    for row in table.astype(object).itertuples(index=False):
        lines = "".join(map(statement, names, row))
        filled += f"  {{\n    m_row row = m_missing_row();\n{lines}    ask_m(&row);\n  }}\n"
    return f"{asking('m')}int main(void) {{\n{filled}  return 0;\n}}\n"


def of_table(goal, way):
    """A fitted model of a table that reads raw columns, and its answers as one array."""
    table = awkward_table(400, towns=True)
    y = goals(table["size"].fillna(0.0).to_numpy())[goal]
    if way == "distilled":
        maker = TabularClassifier if "class" in goal or goal == "labels" else TabularRegressor
        return maker(quality="fast", random_state=0).fit(table, y).distil(table, hidden=(9,), epochs=2, restarts=1)
    options = TrainOptions(preset="single", hidden=(9,), epochs=3, restarts=1, seed=0)
    return train(understand(table.assign(y=y.astype(str) if "class" in goal else y), "y", options)).model


@pytest.mark.long
@pytest.mark.parametrize("way", ["single", "distilled"])
@pytest.mark.parametrize("goal", list(goals(np.zeros(4))))
def test_tables_with_missing_and_unseen_cells(tmp_path, goal, way):
    if way == "single" and goal in ("three numbers", "labels"):
        return  # a Model has one target
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = of_table(goal, way)
        rows = awkward_table(40, seed=5, unseen=True, towns=True)
        labels = model.predict(rows)
        if "number" not in goal:
            shares = model.predict_probability(rows) if way == "single" else model.predict_proba(rows)
    put(tmp_path, program_of(described(model), "m", {})[0], "m")
    for build in ALL_BUILDS:
        returned, answers = run(tmp_path, build, ["m"], program_of_rows(rows))
        if "number" in goal:
            assert_close(answers, labels)
            continue
        assert_close(answers, shares, probabilities=True)
        if "class" in goal:
            classes = model.preprocessing.task.classes if way == "single" else model.classes_
            assert [str(classes[k]) for k in returned] == [str(one) for one in labels]
