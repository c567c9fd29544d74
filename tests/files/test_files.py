"""Files are old or new, never half: failing writes, links, special files."""

from __future__ import annotations

import os

import pytest

from descend import FileError, Network
from descend.files.atomic import remove_halves, write_atomically
from descend.files.regular import kind_of_file, unreadable


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
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        write_atomically(tmp_path / "file" / "model", lambda file: file.write(b"new"))


def test_a_new_file_has_the_permissions_that_open_would_give(tmp_path):
    write_atomically(tmp_path / "one", lambda file: file.write(b"1"))
    (tmp_path / "other").write_bytes(b"2")
    assert (tmp_path / "one").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o666, 0o755])
def test_a_file_that_is_replaced_hands_its_permissions_down(tmp_path, mode):
    path = tmp_path / "model"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_atomically(path, lambda file: file.write(b"new"))
    assert (path.read_bytes(), path.stat().st_mode & 0o7777) == (b"new", mode)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_is_replaced_keeps_its_owner(tmp_path):
    path = tmp_path / "model"
    path.write_bytes(b"old")
    os.chown(path, 1234, 5678)
    write_atomically(path, lambda file: file.write(b"new"))
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 5678)


def test_nobody_but_the_owner_of_a_secret_can_read_it_while_it_is_written(tmp_path):
    path, seen = tmp_path / "model", []
    path.write_bytes(b"old")
    path.chmod(0o600)
    write_atomically(path, lambda _: seen.extend(one.stat().st_mode & 0o777 for one in tmp_path.iterdir()))
    assert seen == [0o600, 0o600]


def test_the_umask_of_the_process_is_obeyed_and_never_touched(tmp_path, monkeypatch):
    old = os.umask(0o027)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(os, "umask", None)
            write_atomically(tmp_path / "model", lambda file: file.write(b"new"))
    finally:
        os.umask(old)
    assert (tmp_path / "model").stat().st_mode & 0o777 == 0o640


def test_a_name_as_long_as_names_may_be_can_be_written(tmp_path):
    path = tmp_path / ("m" * 255)
    write_atomically(path, lambda file: file.write(b"new"))
    assert path.read_bytes() == b"new"
    with pytest.raises(OSError, match="name too long"):
        write_atomically(tmp_path / ("m" * 256), lambda file: file.write(b"new"))
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("name", ["a\0b", "a\ud800"])
def test_a_name_that_no_file_can_have_is_an_error_of_ours(tmp_path, name):
    with pytest.raises(FileError, match="no file can have this name"):
        write_atomically(f"{tmp_path}/{name}", lambda file: file.write(b"new"))
    assert os.listdir(tmp_path) == []


def test_halves_of_one_file_are_removed_and_nothing_else(tmp_path):
    for name in (".m.0123abcd.part", ".m2.0123abcd.part", ".m.part", "m.0123abcd.part", "m"):
        (tmp_path / name).write_bytes(b"x")
    remove_halves(tmp_path / "m")
    assert sorted(os.listdir(tmp_path)) == [".m.part", ".m2.0123abcd.part", "m", "m.0123abcd.part"]


# ---------------------------------------------------------------- what would be written over


def test_files_are_known_by_their_beginnings(tmp_path):
    net = Network([1, 1], seed=0)
    net.save(tmp_path / "network")
    net.fit([[1.0]], [1.0], epochs=1, checkpoint=tmp_path / "checkpoint")
    (tmp_path / "empty").touch()
    for name, content in (("text", b"a,b\n1,2\n"), ("short", b"x"), ("zeros", bytes(4000)), ("brace", b"8 bytes {")):
        (tmp_path / name).write_bytes(content)
    for kind in ("network", "checkpoint", "empty", "absent"):
        assert kind_of_file(tmp_path / kind) == kind
    for name in ("text", "short", "zeros", "brace"):
        assert kind_of_file(tmp_path / name) == "foreign"
    assert kind_of_file(tmp_path) == "foreign"
    assert kind_of_file(tmp_path / "text" / "below") == "absent"


def test_a_pipe_is_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert unreadable(tmp_path / "pipe") == "it is not a regular file."
    assert kind_of_file(tmp_path / "pipe") == "foreign"
