"""A model for Fortran: a program in Fortran answers as the model does."""

import subprocess
from dataclasses import replace

import numpy as np
import pytest

from c_programs import compiled, fast_only, need
from descend import MLPClassifier, Network
from descend.errors import SpecError
from descend.exports.c import fortran
from descend.exports.door import export
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand

PROGRAM = """
program ask
  use, intrinsic :: iso_c_binding, only: c_float, c_null_char
  use pump
  use other
  implicit none
  type(pump_row) :: row
  type(other_row) :: two
  real(c_float) :: out(pump_outputs), scratch(pump_scratch), scratch_2(other_scratch), out_2(other_outputs)
  row = pump_missing_row()
  row%size = 1.5
  row%colour = pump_colour_of("red" // c_null_char)
  if (row%colour /= pump_colour_red) stop 1
  if (pump_predict(row, out, scratch) /= 0) stop 2
  two%x = [0.5, -1.0]
  if (other_predict(two, out_2, scratch_2) /= 0) stop 3
  write (*, '(2ES16.8)') out(1), out_2(1)
end program ask
"""


def test_a_program_in_fortran_answers_as_the_models_do(tmp_path):
    need("gfortran")
    need("gcc")
    sizes = [0.1 * k for k in range(60)]
    table = {"size": sizes, "colour": ["red", "blue", "green"] * 20, "y": [size * 2.0 for size in sizes]}
    model = train(understand(table, "y", TrainOptions(preset="single", hidden=(4,), epochs=3, restarts=1))).model
    net = Network([2, 3, 1], seed=0)
    found = export(model, tmp_path / "pump.f90")
    assert [path.name for path in found.paths] == ["pump.f90", "pump.c", "pump.h"]
    export(net, tmp_path / "other.f90")
    (tmp_path / "ask.f90").write_text(PROGRAM)
    sources = ["pump.f90", "other.f90", "ask.f90", "pump.c", "other.c"]
    compiled(tmp_path, ["gfortran", "-o", "ask", *sources])
    said = subprocess.run(["./ask"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split()
    right = [model.predict({"size": 1.5, "colour": "red"})[0], net.predict([[0.5, -1.0]])[0, 0]]
    assert np.allclose(np.array(said, dtype=float), right, rtol=1e-5)


def test_long_names_fit_into_lines_and_names_of_fortran(tmp_path):
    """The exporter itself compiles the module, as strictly as can be."""
    need("gfortran")
    need("gcc")
    longest = {"n" * 90: ["red", "blue"] * 30, "n" * 90 + "m": ["red", "u" * 90] * 30}
    table = longest | {"y": [0.1 * k for k in range(60)]}
    model = train(understand(table, "y", TrainOptions(preset="single", hidden=(4,), epochs=1, restarts=1))).model
    assert export(model, tmp_path / "pump.f90", prefix="p" * 24).proof.proved


def small():
    table = {"size": [0.1 * k for k in range(60)], "colour": ["red", "blue", "green"] * 20}
    table["y"] = [size * 2.0 for size in table["size"]]
    return train(understand(table, "y", TrainOptions(preset="single", hidden=(4,), epochs=1, restarts=1))).model


def test_the_module_is_run_and_what_is_wrong_in_it_is_found(tmp_path, monkeypatch):
    need("gfortran")
    need("gcc")
    fast_only(monkeypatch)
    model = small()
    assert "gfortran" in export(model, tmp_path / "ask.f90").proof.by
    monkeypatch.setattr(fortran, "_row", lambda made, own=fortran._row: own(replace(made, row=made.row[::-1])))
    with pytest.raises(SpecError, match="the export differs from the model"):
        export(model, tmp_path / "pump.f90")


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("fixed", [None, "int8"])
def test_several_labels_and_integers_through_the_module(tmp_path, fixed):
    need("gfortran")
    need("gcc")
    X = np.random.default_rng(0).normal(size=(80, 4))
    net = MLPClassifier((5,), max_iter=3, random_state=0).fit(X, (X[:, :3] > 0).astype(int))
    assert "gfortran" in export(net, tmp_path / "pump.f90", fixed=fixed, table=X).proof.by


def test_without_a_compiler_of_fortran_the_c_alone_is_proved_and_that_is_said(tmp_path, monkeypatch):
    need("cc")
    fast_only(monkeypatch)
    monkeypatch.setattr(fortran, "FORTRAN", replace(fortran.FORTRAN, compilers=("no such compiler",)))
    found = export(Network([2, 1], seed=0), tmp_path / "pump.f90")
    assert found.proof.proved
    assert found.proof.by.endswith(", the C alone")
    (note,) = found.notes
    assert note.startswith("The module pump.f90 was not compiled, nor run: no Fortran compiler is found")
