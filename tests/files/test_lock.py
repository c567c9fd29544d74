"""One writer at a time: a lock that dies with its process, and never stands in anybody's way for nothing."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading

import pytest

from descend import FileError
from descend.files import lock as lock_file
from descend.files.lock import FileLock

HOLDER = """
import sys, time
from descend.files.lock import FileLock
FileLock(sys.argv[1], "model").acquire()
print("held", flush=True)
time.sleep(60)
"""


def refused(path):
    with pytest.raises(FileError) as told:
        FileLock(path, "model").acquire()
    return str(told.value)


BUSY = "model: another training is writing it. Wait for its end, or give another name."


def test_a_second_one_is_refused_until_the_first_has_gone(tmp_path):
    with FileLock(tmp_path / "m", "model") as first:
        first.acquire()  # it has it already
        assert refused(tmp_path / "m") == BUSY
        with FileLock(tmp_path / "other", "model"):
            pass
    with FileLock(tmp_path / "m", "model"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_links_to_one_file_have_one_lock(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "m")
    with FileLock(tmp_path / "link", "model"):
        assert refused(tmp_path / "m") == BUSY


def test_it_dies_with_its_process(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path / "m"], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    assert refused(tmp_path / "m") == BUSY
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert os.listdir(tmp_path) == [".m.lock"]
    with FileLock(tmp_path / "m", "model"):
        assert refused(tmp_path / "m") == BUSY
    assert os.listdir(tmp_path) == []


def test_of_many_at_once_one_has_it(tmp_path):
    inside, most, done = [0], [0], [0]
    guard = threading.Lock()

    def work():
        for _ in range(100):
            try:
                with FileLock(tmp_path / "m", "model"):
                    with guard:
                        inside[0] += 1
                        most[0], done[0] = max(most[0], inside[0]), done[0] + 1
                    with guard:
                        inside[0] -= 1
            except FileError:
                continue

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1
    assert done[0] >= 8


def test_a_name_as_long_as_names_may_be_has_a_lock(tmp_path):
    path = tmp_path / ("m" * 255)
    with FileLock(path, "model"):
        assert refused(path) == BUSY


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_where_there_are_no_locks_one_is_told(tmp_path, monkeypatch, number):
    def none(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(lock_file, "_seize", none)
    monkeypatch.setattr(lock_file, "_TOLD", set())
    FileLock(tmp_path / "m", "output", tell=False).acquire()
    with pytest.warns(UserWarning, match="model: this file system has no locks"):
        FileLock(tmp_path / "m", "model").acquire()
    FileLock(tmp_path / "n", "cache").acquire()  # pytest makes an error of a second warning
    assert os.listdir(tmp_path) == []


def test_a_users_file_under_the_locks_name_stays_as_it_is(tmp_path):
    (tmp_path / ".m.lock").write_text("dear")
    with FileLock(tmp_path / "m", "model"):
        pass
    assert (tmp_path / ".m.lock").read_text() == "dear"
    (tmp_path / ".n.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        FileLock(tmp_path / "n", "model").acquire()
    assert not (tmp_path / "elsewhere").exists()
