"""What an older version wrote stays readable for ever: each file of `tests/data/written-by-…` gives what it gave then.

`tools/write_old_files.py` wrote them, once for each version whose files differ; they are never written anew.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from descend import FileError, Network, load

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted((ROOT / "tests" / "data").glob("written-by-*"))
FILES = [path for folder in FOLDERS for path in sorted(folder.glob("*.descend"))]
# without fused multiply-add sums are rounded otherwise (docs/decisions/0003); a reference's bits are those of NumPy
CLOSE = 1e-5


def writer() -> ModuleType:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        spec = importlib.util.spec_from_file_location("tools_write_old_files", ROOT / "tools" / "write_old_files.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module


old = writer()


def has_the_bits() -> bool:
    """Whether this processor is one of those whose bits are promised."""
    record = Network([1, 1], seed=0).fit([[0.0]], [0.0], epochs=1).record()
    return record["isa"] != "baseline"


def assert_same(found: np.ndarray, expected: np.ndarray, bits: bool, what: str) -> None:
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape), what
    if bits or found.dtype.kind != "f":
        assert found.tobytes() == expected.tobytes(), what
    else:
        np.testing.assert_allclose(found, expected, rtol=CLOSE, atol=CLOSE, err_msg=what)


def test_files_of_the_first_version_are_there():
    names = {path.stem.split("-")[0] for path in FILES}
    assert names == {"network", "model", "classifier", "regressor", "tabular"}
    assert FOLDERS[0].name == "written-by-0.1"
    assert len([path for path in FILES if path.parent == FOLDERS[0]]) == 23


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_old_file_predicts_with_the_bits_of_its_day(path):
    arrays, _ = old.said(load(path), path.parent)
    bits = has_the_bits() and "reference" not in path.stem
    with np.load(path.parent / "expected.npz") as kept:
        expected = {name: kept[name] for name in kept.files if name.startswith(f"{path.stem}/")}
    assert set(expected) == {f"{path.stem}/{name}" for name in arrays}
    for name, found in arrays.items():
        assert_same(found, expected[f"{path.stem}/{name}"], bits or name == "theta", name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_old_file_says_what_it_said(path):
    _, told = old.said(load(path), path.parent)
    expected = json.loads((path.parent / "expected.json").read_text(encoding="utf-8"))[path.stem]
    if not has_the_bits():
        expected.pop("scores", None)
    parameters = expected.pop("parameters", {})  # later versions may have more of them
    assert {name: told["parameters"].get(name) for name in parameters} == parameters
    assert {name: told.get(name) for name in expected} == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_old_file_that_is_saved_again_stays_what_it_is(path, tmp_path):
    again = tmp_path / path.name
    load(path).save(again)
    before, after = (old.said(load(one), path.parent) for one in (path, again))
    assert after[1] == before[1]
    for name, found in after[0].items():
        assert_same(found, before[0][name], bits=True, what=name)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_old_checkpoint_goes_on_to_the_bits_of_its_day_or_is_refused_in_one_line(folder, tmp_path):
    path = tmp_path / "run.checkpoint"
    shutil.copyfile(folder / "checkpoint.safetensors", path)
    before = path.read_bytes()
    try:
        training = old.checkpointed(folder, path, resume=True)
    except FileError as refused:
        said = str(refused)
        assert said.startswith(f'checkpoint "{path}": it')
        assert said.endswith("train anew.")
        assert "\n" not in said
        assert path.read_bytes() == before
        return
    arrays, told = old.said_by_training(training)
    with np.load(folder / "expected.npz") as kept:
        for name, found in arrays.items():
            assert_same(found, kept[f"checkpoint/{name}"], has_the_bits(), name)
    if has_the_bits():
        assert told == json.loads((folder / "expected.json").read_text(encoding="utf-8"))["checkpoint"]


def test_the_writer_never_writes_into_a_folder_that_is_there(capsys):
    assert old.main() == 1
    assert "not written anew" in capsys.readouterr().out
