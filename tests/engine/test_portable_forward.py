"""`engine/portable/descend_forward.hpp`: the forward pass in plain C++ gives what the engine gives."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.resources import files
from itertools import cycle, product
from pathlib import Path

import numpy as np
import pytest

from combinations import HIDDEN
from descend import engine
from descend.spec.activations import ACTIVATIONS
from descend.spec.init import initial_theta
from descend.spec.losses import LOSSES, SOFTMAX_LOG_LOSS
from descend.spec.network import NetworkSpec, make_spec

HEADER = Path(str(files("descend.engine") / "portable" / "descend_forward.hpp"))
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "cpp.md").read_text(encoding="utf-8")
COMPILER = next(filter(None, map(shutil.which, (os.environ.get("CXX", "c++"), "c++", "g++", "clang++"))), None)
STRICT = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-pedantic", "-Werror")
TOLERANCE = {"float32": 1e-6, "float64": 1e-13}  # of the largest output of the network, or of 1
ROWS = 5
NAMES = tuple(ACTIVATIONS)

pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C++ compiler is on the path")

# Reads networks until the input ends: is_double, depth, sizes, activations (int64), then bias, theta, ROWS inputs;
# writes the outputs, and before them both sizes that the header computes.
PROGRAM = """
#include <cstdint>
#include <cstdio>
#include <vector>
#include "descend_forward.hpp"
using namespace descend::portable;

static const Activation NAMED[] = {%s};

template <class N>
static std::vector<N> read(std::size_t count) {
  std::vector<N> numbers(count);
  if (std::fread(numbers.data(), sizeof(N), count, stdin) != count) numbers.clear();
  return numbers;
}

template <class T>
static void answer(std::size_t depth) {
  std::vector<std::size_t> sizes;
  for (int64_t n : read<int64_t>(depth + 1)) sizes.push_back(static_cast<std::size_t>(n));
  std::vector<Activation> activations;
  for (int64_t code : read<int64_t>(depth)) activations.push_back(NAMED[code]);
  const std::vector<T> bias = read<T>(depth);
  Network<T> net = {depth, sizes.data(), activations.data(), bias.data(), nullptr};
  const std::vector<T> theta = read<T>(theta_size(net));
  net.theta = theta.data();
  const T counts[] = {static_cast<T>(theta_size(net)), static_cast<T>(workspace_size(net))};
  std::fwrite(counts, sizeof(T), 2, stdout);
  std::vector<T> workspace(workspace_size(net)), output(sizes[depth]);
  for (int row = 0; row < %d; row++) {
    const std::vector<T> x = read<T>(sizes[0]);
    forward(net, x.data(), workspace.data(), output.data());
    std::fwrite(output.data(), sizeof(T), output.size(), stdout);
  }
}

int main() {
  for (std::vector<int64_t> head; !(head = read<int64_t>(2)).empty();) {
    const std::size_t depth = static_cast<std::size_t>(head[1]);
    if (head[0]) answer<double>(depth);
    else answer<float>(depth);
  }
}
"""


def compiled(folder: Path, source: str, *flags: str) -> Path:
    path = folder / "program.cpp"
    path.write_text(source, encoding="utf-8")
    program = folder / "program"
    command = [COMPILER, *flags, f"-I{HEADER.parent}", str(path), "-o", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return program


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    source = PROGRAM % (", ".join(f"Activation::{name}" for name in NAMES), ROWS)
    return compiled(tmp_path_factory.mktemp("portable"), source, "-O1", "-std=c++17", *STRICT)


def loss_for(output: str) -> str:
    """Return the name of a loss that the output may stand with: the forward pass does not depend on it."""
    return next(row.name for row in (*LOSSES.values(), SOFTMAX_LOG_LOSS) if output in row.outputs)


def networks() -> list[NetworkSpec]:
    """Every hidden activation × output × bias constant; depths and widths take turns."""
    hidden_sizes = cycle([(4,), (), (3, 17), (1,), (16, 5, 2)])
    found = []
    for hidden, output, bias in product((*HIDDEN, "step"), NAMES, (0.0, 0.5, 1.0)):
        between = next(hidden_sizes)
        constants = [bias, 0.0, -0.25, 1.0][: len(between) + 1]
        found.append(make_spec((3, *between, 2), hidden, output, loss_for(output), bias=constants))
    return [*found, make_spec((30, 64, 64, 1), "relu"), make_spec((13, 130, 9), "tanh", "softmax", "log_loss")]


def question(spec: NetworkSpec, theta: np.ndarray, X: np.ndarray) -> bytes:
    head = [theta.dtype == np.float64, spec.depth, *spec.sizes, *(NAMES.index(row.name) for row in spec.activations)]
    bias = np.array(spec.bias, theta.dtype)
    return np.array(head, np.int64).tobytes() + bias.tobytes() + theta.tobytes() + X.tobytes()


def asked(program: Path, questions: bytes) -> bytes:
    return subprocess.run([str(program)], input=questions, capture_output=True, check=True).stdout


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_every_network_of_the_tables_has_the_engines_outputs(program, dtype):
    random, cases = np.random.default_rng(1), []
    for spec in networks():
        theta = initial_theta(spec, random) + 0.1 * random.normal(size=spec.theta_size)  # bias rows are not 0
        X = random.normal(0.0, 2.0, (ROWS, spec.sizes[0]))
        cases.append((spec, theta.astype(dtype), X.astype(dtype)))
    answers = np.frombuffer(asked(program, b"".join(question(*case) for case in cases)), dtype)
    wrong = []
    for spec, theta, X in cases:
        expected = engine.predict(spec, theta, X).ravel()
        counts, output, answers = np.split(answers, [2, 2 + expected.size])
        widest = max(spec.sizes[1:-1], default=0)
        close = np.abs(output - expected).max() <= TOLERANCE[dtype] * max(1, np.abs(expected).max())
        if not close or counts.tolist() != [spec.theta_size, 2 * widest]:
            wrong.append((spec.sizes, spec.activations[0].name, spec.activations[-1].name, output, expected))
    assert wrong == []
    assert answers.size == 0


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", [name for name in NAMES if name != "softmax"])
def test_activations_are_right_far_out_and_at_their_kinks(program, dtype, name):
    spec = make_spec((1, 1), output=name, loss=loss_for(name), bias=0)
    s = np.array([0.0, -1e-4, 20.0, -20.0, 1e4]) if name != "exp" else np.array([0.0, -1e-4, 20.0, -20.0, -1e4])
    X, theta = s.astype(dtype)[:, None], np.ones(1, dtype)
    output = np.frombuffer(asked(program, question(spec, theta, X)), dtype)[2:]
    reference = ACTIVATIONS[name].value(X.astype(np.float64)).ravel()
    # beyond 10 the tail of gelu magnifies the rounding of its argument by s²
    relative = TOLERANCE[dtype] * np.where((np.abs(X.ravel()) == 20) & (name == "gelu"), 400, 1)
    np.testing.assert_array_less(np.abs(output - reference), relative * np.abs(reference) + 1e-37)


def test_softmax_of_large_sums_does_not_overflow(program):
    spec = make_spec((1, 3), output="softmax", loss="log_loss", bias=0)
    theta, X = np.array([1.0, 0.0, -1.0], np.float32), np.array([[1e4], [-1e4], [0], [1], [-1]], np.float32)
    output = np.frombuffer(asked(program, question(spec, theta, X)), np.float32)[2:].reshape(ROWS, 3)
    assert output[:2].tolist() == [[1, 0, 0], [0, 0, 1]]
    np.testing.assert_allclose(output.sum(axis=1), 1, rtol=1e-6)


def test_an_input_that_is_not_a_number_is_not_hidden_by_any_activation(program):
    for name in NAMES:
        spec = make_spec((1, 2), output=name, loss=loss_for(name), bias=0)
        X = np.full((ROWS, 1), np.nan, np.float32)
        output = np.frombuffer(asked(program, question(spec, np.ones(2, np.float32), X)), np.float32)[2:]
        assert np.isnan(output).all(), name


def test_the_header_is_cpp11_without_exceptions_or_type_information(tmp_path):
    source = '#include "descend_forward.hpp"\nint main() {\n  using namespace descend::portable;\n'
    source += "".join(
        f"  {{ {t} w[1] = {{0}}, o[1]; Network<{t}> n = {{0, nullptr, nullptr, w, w}}; forward(n, w, w, o); }}\n"
        for t in ("float", "double")
    )
    compiled(tmp_path, source + "}\n", "-std=c++11", "-fno-exceptions", "-fno-rtti", *STRICT)


def test_the_header_needs_two_standard_headers_and_knows_the_activations_of_the_table():
    text = HEADER.read_text(encoding="utf-8")
    assert re.findall(r"#include (\S+)", text) == ["<cmath>", "<cstddef>"]
    listed = re.search(r"enum class Activation \{(.*?)\}", text, re.DOTALL)[1]
    assert tuple(re.findall(r"\w+", listed)) == NAMES


def test_the_program_of_the_page_prints_what_it_says_and_the_example_of_the_header_is_the_same(tmp_path):
    block = re.search(r"```cpp\n(.*?)```", PAGE, re.DOTALL)[1]
    printed = subprocess.run(
        [str(compiled(tmp_path, block, "-std=c++17", *STRICT))], capture_output=True, text=True, check=True
    ).stdout
    assert printed == "-0.235898\n"
    assert f"prints `{printed.strip()}`" in PAGE
    assert "output[0] is -0.235898" in HEADER.read_text(encoding="utf-8")


def test_the_page_says_where_the_header_is(capsys):
    exec(re.search(r"```python\n(from importlib.*?)```", PAGE, re.DOTALL)[1], {})
    assert capsys.readouterr().out == f"{HEADER}\n"
    assert HEADER.exists()
