"""The figures of exported C: what an export tells is read rightly, and a program says how long it took."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks import c_speed  # noqa: E402
from c_programs import need  # noqa: E402
from descend import Network  # noqa: E402


def test_what_integers_lose_is_read_from_what_an_export_tells():
    classes = (
        "int8, 344 rows: rows of the table; 99.73 % of the classes are the same as in float.",
        "Accuracy 92.02 % instead of 92.10 % (-0.08 points).",
    )
    assert c_speed._scores(classes) == ["accuracy 92.10 %", "92.02 % (-0.08 points)", "99.73 %"]
    numbers = ("int8, 9 rows: rows of the table; answers differ …", "RMSE 590.9 instead of 589.7 (+0.20 %).")
    assert c_speed._scores(numbers) == ["RMSE 589.7", "590.9 (+0.20 %)", ""]
    assert c_speed._scores(("int8, 64 rows: …",)) == ["", "", ""]


def test_a_prediction_is_timed(tmp_path, monkeypatch):
    need("gcc")
    monkeypatch.setattr(c_speed, "TURNS", 1)
    Network(c_speed.SIZES, seed=0).export(tmp_path / "net.c")
    assert 0.01 < c_speed.microseconds(tmp_path, "gcc", "-O2") < 1e4
