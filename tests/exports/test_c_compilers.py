"""Compilers that make programs for another machine, or cannot measure: the export goes on, and says so."""

import ctypes

import pytest

from c_programs import fast_only, need
from descend import Network
from descend.exports.c import compilers
from descend.exports.door import export

CROSS = """#!/bin/sh
if [ "$1" = --version ]; then echo "cross 9.1.0"; exit; fi
while [ $# -gt 0 ]; do if [ "$1" = -o ]; then echo "for another machine" > "$2"; fi; shift; done
"""
BROKEN = "#!/bin/sh\necho 'cannot find -lc' >&2\nexit 1\n"


def program(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("text", [CROSS, BROKEN])
def test_a_compiler_for_another_machine_is_passed_over(tmp_path, monkeypatch, text):
    need("cc")
    fast_only(monkeypatch)
    monkeypatch.setenv("CC", program(tmp_path / "cross", text))
    assert export(Network([2, 1], seed=0), tmp_path / "net.c").proof.by.startswith("cc ")


def test_where_no_program_may_run_the_export_is_not_proved_and_says_why(tmp_path, monkeypatch):
    need("cc")

    def refused(path):
        raise OSError(f"{path}: failed to map segment from shared object")

    fast_only(monkeypatch)
    monkeypatch.setattr(ctypes, "CDLL", refused)
    compilers._try.cache_clear()
    found = export(Network([2, 1], seed=0), tmp_path / "net.c")
    assert not found.proof.proved
    assert "does not run here (failed to map segment from shared object); let TMPDIR be" in str(found.proof)
    assert (tmp_path / "net.c").exists()


def test_a_compiler_that_cannot_measure_stops_nothing(tmp_path, monkeypatch):
    need("cc")
    folder = tmp_path / "bin"
    folder.mkdir()
    program(folder / "arm-none-eabi-gcc", BROKEN.replace("exit 1", '[ "$1" = --version ] && exit 0\nexit 1'))
    program(folder / "arm-none-eabi-size", BROKEN)
    program(folder / "size", BROKEN)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    assert export(Network([2, 1], seed=0), tmp_path / "net.c").proof.proved
    assert "Not measured: no compiler was there that can." in (tmp_path / "net.h").read_text()
