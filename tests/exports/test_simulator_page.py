"""The programs of the page on controllers and simulators compile, and answer as the model does."""

import ctypes
import re
import subprocess

import pytest

from c_programs import WARN, compiled, need
from descend.exports.door import export
from descend.models.train import TrainOptions, train, understand
from descend.tables.datasets import dataset_path
from test_house import ROOT

PAGE = ROOT / "docs" / "guide" / "controllers-and-simulators.md"


@pytest.mark.long
def test_the_programs_of_the_page(tmp_path):
    need("gcc")
    page = PAGE.read_text(encoding="utf-8")
    in_c, (in_fortran,) = (re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL) for kind in ("c", "fortran"))
    assert len(in_c) == 2
    options = TrainOptions(preset="single", hidden=(16,), restarts=1, epochs=30, seed=0)
    model = train(understand(dataset_path("penguins"), "species", options)).model
    export(model, tmp_path / "penguins.f90")
    names = model.preprocessing.input_names

    def asked(**cells):
        """The probabilities, and the answered class, of a row that is missing otherwise."""
        row = dict.fromkeys(names) | cells
        return model.predict_probability([row])[0], model.predict([row])[0]

    found = []
    for place, block in enumerate(in_c):
        (tmp_path / f"b{place}.c").write_text(block)
        sources = [f"b{place}.c", *([] if '"penguins.c"' in block else ["penguins.c"])]
        compiled(tmp_path, ["gcc", "-std=c99", *WARN, "-shared", "-fPIC", "-o", f"b{place}.so", *sources])
        found.append(ctypes.CDLL(str(tmp_path / f"b{place}.so")))
    out = (ctypes.c_double * 3)()
    place = found[1].penguins_of_real(ctypes.c_double(50.0), ctypes.c_double(15.0), out)
    right, label = asked(bill_length_mm=50.0, bill_depth_mm=15.0)
    assert list(out) == pytest.approx(right, abs=1e-5)
    assert model.preprocessing.task.classes[place] == label
    in_biscoe = asked(bill_length_mm=50.0, bill_depth_mm=15.0, island="Biscoe")[1]
    assert bool(found[0].gentoo(ctypes.c_float(50.0), ctypes.c_float(15.0))) == (in_biscoe == "Gentoo")
    need("gfortran")
    always = 'print *, "all", out\nend program'  # the page's program prints for one class alone
    (tmp_path / "ask.f90").write_text(in_fortran.replace("end program", always))
    compiled(tmp_path, ["gfortran", "-o", "ask", "penguins.f90", "ask.f90", "penguins.c"])
    said = subprocess.run(["./ask"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split()
    right, label = asked(bill_length_mm=46.5)
    assert ("Gentoo" in said) == (label == "Gentoo")
    assert [float(one) for one in said[-3:]] == pytest.approx(right, abs=1e-5)
