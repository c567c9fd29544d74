"""Files are old or new, never half: failing writes, links, special files."""

from __future__ import annotations

import os

import pytest

from descend.files.atomic import write_atomically


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "model"
    path.write_bytes(b"old")

    def fail(file):
        file.write(b"new, but not all of it")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left on device") as error:
        write_atomically(path, fail)
    assert error.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["model"]


def test_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_atomically(link, lambda file: file.write(b"new"))
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_what_is_no_regular_file_is_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, tmp_path):
        with pytest.raises(OSError, match="not a regular file; it is not replaced"):
            write_atomically(place, lambda file: file.write(b"new"))
    assert not pipe.is_file()


def test_a_new_file_has_the_permissions_that_open_would_give(tmp_path):
    write_atomically(tmp_path / "one", lambda file: file.write(b"1"))
    (tmp_path / "other").write_bytes(b"2")
    assert (tmp_path / "one").stat().st_mode == (tmp_path / "other").stat().st_mode
