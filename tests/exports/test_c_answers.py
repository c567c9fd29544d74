"""What C answers: numbers that float blurs are told, those that it cannot hold are refused."""

import warnings

import numpy as np
import pytest

from c_programs import fast_only
from descend import Network
from descend.errors import SpecError
from descend.exports.door import export
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    fast_only(monkeypatch)


def trained(y, **options):
    columns = {"x": np.random.default_rng(0).normal(size=len(y)).tolist(), "y": list(y)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plan = understand(columns, "y", TrainOptions(preset="single", hidden=(3,), epochs=2, restarts=1, **options))
        return train(plan).model


def test_numbers_that_float_blurs_are_told(tmp_path):
    noise = np.random.default_rng(1).normal(size=80)
    (note,) = export(trained(1.7e9 + 1e5 * noise), tmp_path / "far.c").notes
    assert note.startswith("Float holds predictions about 1.7e+09 in steps of 128, 0.001")
    assert "Float holds predictions about 1.7e+09 in steps of 128" in (tmp_path / "far.h").read_text()
    assert export(trained(20.0 + noise), tmp_path / "near.c").notes == ()
    net = Network([2, 3, 1], seed=0, dtype="float64")
    net.theta[-1] = 1e8
    assert export(net, tmp_path / "net.c").notes[0].startswith("Float holds predictions about 1e+08 in steps of 8")


@pytest.mark.parametrize(
    ("size", "words"), [(1e-33, "must spread by 1e-30 or more"), (1e300, "whose largest is 3.4e38")]
)
def test_numbers_that_float_does_not_have_are_refused(tmp_path, size, words):
    with pytest.raises(SpecError, match=words):
        export(trained(size * np.random.default_rng(1).normal(size=80)), tmp_path / "net.c")
