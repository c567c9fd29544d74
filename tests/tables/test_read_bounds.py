"""Reading is bounded: special files, compressed ones, what does not fit, and many columns."""

import bz2
import gzip
import io
import lzma
import os
import socket
import time
import zipfile

import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from descend.errors import DataError, SpecError
from descend.tables.convert import as_table
from descend.tables.files import limits
from descend.tables.read import read_raw, read_table

TEXT = b"a,b\n1,x\n2,y\n"


def refusal(path, **options) -> str:
    with pytest.raises(DataError) as caught:
        read_table(path, **options)
    return str(caught.value)


# ---------------------------------------------------------------- special files


def test_a_pipe_a_device_and_a_socket_are_refused_before_they_are_read(tmp_path):
    os.mkfifo(tmp_path / "t.csv")
    with socket.socket(socket.AF_UNIX) as bound:
        folder = os.open(tmp_path, os.O_RDONLY)
        try:
            bound.bind(f"/proc/self/fd/{folder}/s.csv")  # a socket's name must be short
        finally:
            os.close(folder)
        rest = "Pipe its text in and name - as the table."
        assert refusal(tmp_path / "t.csv") == f"{tmp_path}/t.csv: must be a file; it is a pipe. {rest}"
        assert refusal(tmp_path / "s.csv") == f"{tmp_path}/s.csv: must be a file; it is a socket. {rest}"
        assert refusal("/dev/zero") == f"/dev/zero: must be a file; it is a device. {rest}"


def test_a_link_to_a_pipe_is_a_pipe_and_one_to_a_file_is_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file.csv").write_bytes(TEXT)
    (tmp_path / "p.csv").symlink_to(tmp_path / "pipe")
    (tmp_path / "f.csv").symlink_to(tmp_path / "file.csv")
    assert "it is a pipe" in refusal(tmp_path / "p.csv")
    assert read_table(tmp_path / "f.csv").rows == 2


def test_a_name_with_a_zero_and_one_that_is_too_long_are_refused(tmp_path):
    assert "cannot be read: " in refusal("a\x00b.csv")
    assert refusal(tmp_path / ("a" * 300 + ".csv")).endswith("cannot be read: File name too long.")


def test_standard_input_that_is_closed_is_refused(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    assert refusal("-") == "standard input: cannot be read: it is closed."


# ---------------------------------------------------------------- memory


def test_a_file_that_does_not_fit_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    with path.open("wb") as file:
        file.truncate(50_000_000_000)  # without a block on the disk
    monkeypatch.setattr("descend.tables.files.limits.available_memory", lambda: 8_000_000_000)
    monkeypatch.setattr("descend.tables.files.source._bounded", None)
    assert refusal(path).startswith(f"{path}: reading it needs about 50.0 GB of memory; 8.0 GB may be taken. ")


def test_standard_input_stops_at_the_limit(monkeypatch):
    class Endless(io.RawIOBase):
        def read(self, size=-1):
            return b"1\n" * (size // 2)

    monkeypatch.setattr("sys.stdin", type("", (), {"buffer": Endless()}))
    assert "standard input: reading it needs about " in refusal("-", max_memory=5_000_000)


def test_the_bound_can_be_said_for_one_table_or_for_all_of_a_command(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 1000)
    expected = f"{path}: reading it needs about 0.0 MB of memory; 0.0 MB may be taken. {limits.REMEDY}"
    assert refusal(path, max_memory=10_000) == expected
    with limits.reading_within(10_000), pytest.raises(DataError):
        as_table(path)
    with limits.reading_within(10_000):
        assert as_table(path, max_memory=10**6).rows == 1000
    assert as_table(path).rows == 1000


@pytest.mark.parametrize("text", ["", "0", "8XB", "-1GB", "1e9", "GB", "8 G B", "9" * 16])
def test_an_amount_of_memory_that_is_none_is_refused(text):
    with pytest.raises(SpecError, match='must be an amount of memory, such as "8GB"'):
        limits.memory_size(text)


def test_json_lines_of_a_thousand_keys_each_are_not_squared(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text("".join(f'{{"k{i}": 1}}\n' for i in range(3000)))
    assert "reading it needs about 72.0 MB" in refusal(path, max_memory=10**7)


# ---------------------------------------------------------------- compressed


def zipped(data: bytes, *names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, data)
    return buffer.getvalue()


PACKED = {
    "t.csv.gz": gzip.compress(TEXT),
    "t.csv.bz2": bz2.compress(TEXT),
    "t.csv.xz": lzma.compress(TEXT),
    "t.csv.zst": pa.compress(TEXT, codec="zstd", asbytes=True),
    "many.csv.gz": b"".join(gzip.compress(bytes([one])) for one in TEXT),
}


@pytest.mark.parametrize("name", PACKED)
def test_compressed_files_are_read_without_a_note_if_their_name_says_so(tmp_path, name):
    (tmp_path / name).write_bytes(PACKED[name])
    table = read_table(tmp_path / name)
    assert table.column("b").values.tolist() == ["x", "y"]
    assert table.notes == ()


@pytest.mark.parametrize(
    ("data", "how"),
    [
        (gzip.compress(TEXT), "gzip"),
        (bz2.compress(TEXT), "bzip2"),
        (lzma.compress(TEXT), "xz"),
        (gzip.compress(gzip.compress(TEXT)), "gzip and gzip"),
        (zipped(TEXT, "folder/", "folder/t.csv", "__MACOSX/folder/t.csv"), 'zip file: "folder/t.csv"'),
    ],
    ids=range(5),
)
def test_compressed_files_of_another_name_are_read_with_a_note(tmp_path, data, how):
    (tmp_path / "t.csv").write_bytes(data)
    table = read_table(tmp_path / "t.csv")
    assert table.rows == 2
    assert table.notes == (f"{tmp_path}/t.csv: read what is in the {how if 'file' in how else how + ' file'}.",)


def test_a_zip_archive_of_several_files_is_refused_with_their_names(tmp_path):
    (tmp_path / "t.zip").write_bytes(zipped(TEXT, "a.csv", "b\x1b.csv"))
    assert refusal(tmp_path / "t.zip") == (
        f'{tmp_path}/t.zip: the file is a zip archive, which must hold one file, the table; got 2: "a.csv", "b?.csv". '
        "Unpack it and name the table."
    )


def bombs() -> dict[str, bytes]:
    zeros = bytes(1 << 20)
    member = gzip.compress(zeros)
    packer = bz2.BZ2Compressor()
    return {
        "one.csv.gz": gzip.compress(zeros * 12),
        "many.csv.gz": member * 12,
        "t.csv.bz2": packer.compress(zeros * 12) + packer.flush(),
        "t.csv.xz": lzma.compress(zeros * 12),
        "t.csv.zst": pa.compress(zeros * 12, codec="zstd", asbytes=True),
        "t.zip": zipped(zeros * 12, "t.csv"),
        "twice.csv.gz": gzip.compress(gzip.compress(zeros * 12)),
    }


def test_bombs_are_refused_while_they_expand(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "SMALL", 4 << 20)
    for name, data in bombs().items():
        (tmp_path / name).write_bytes(data)
        assert "expands to more than 200 times the size of the file. If that is right, say how " in refusal(
            tmp_path / name
        )
        assert "reading it needs about " in refusal(tmp_path / name, max_memory=10_000_000), name
        assert "zero byte" in refusal(tmp_path / name, max_memory=10**9), name  # it is read to its end


@pytest.mark.parametrize("name", ["t.csv.gz", "t.csv.bz2", "t.csv.xz", "t.csv.zst"])
def test_compressed_data_that_is_cut_off_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(PACKED[name][:-6])
    assert "'ed data is damaged: " in refusal(tmp_path / name)


# ---------------------------------------------------------------- Parquet and Feather that grow


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("t.parquet", lambda table, path: pyarrow.parquet.write_table(table, path, compression="zstd")),
        ("t.feather", lambda table, path: pyarrow.feather.write_feather(table, path, compression="zstd")),
        ("p.feather", lambda table, path: pl.from_arrow(table).write_ipc(path, compression="zstd")),
    ],
)
def test_binary_files_that_grow_beyond_the_limit_are_refused_before_they_do(tmp_path, name, write):
    path = tmp_path / name
    write(pa.table({"a": pa.array([0.0] * 1_000_000)}), path)
    assert path.stat().st_size < 200_000
    before = pa.default_memory_pool().bytes_allocated()
    assert "reading it needs about 8." in refusal(path, max_memory=5_000_000)
    assert pa.default_memory_pool().bytes_allocated() - before < 1_000_000
    assert read_raw(path, max_memory=50_000_000).rows == 1_000_000


REPEATED = ["x" * 50_000] * 1500


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"use_dictionary": False, "compression": "zstd"},
        {"use_dictionary": False, "column_encoding": "DELTA_BYTE_ARRAY"},
    ],
)
def test_long_texts_that_repeat_are_refused_before_each_cell_has_its_own(tmp_path, options):
    path = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(pa.table({"a": REPEATED}), path, **options)
    assert path.stat().st_size < 1_000_000
    assert "reading it needs about " in refusal(path, max_memory=10_000_000)
    assert read_raw(path, max_memory=400_000_000).rows == 1500


# ---------------------------------------------------------------- many columns


def test_ten_thousand_columns_take_no_time_that_grows_with_their_square(tmp_path):
    def seconds(columns: int) -> float:
        path = tmp_path / f"{columns}.csv"
        names = ",".join(f"c{j}" for j in range(columns))
        path.write_text(names + "\n" + (",".join(["1.5"] * columns) + "\n") * 3)
        start = time.process_time()
        assert len(read_raw(path).names) == columns
        return time.process_time() - start

    seconds(10)
    assert seconds(10_000) < 40 * seconds(1000) + 1
