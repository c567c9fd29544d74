"""Read many damaged tables in one process: ``python reading_trial.py KIND FIRST STOP``.

Prints how many were read and refused, and the most memory that was used (MB). The process is bounded: 4 GB of
addresses, 10 s per case. Anything but an error of descend ends it with a traceback, and names the case.
"""

from __future__ import annotations

import datetime
import io
import json
import os
import random
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

from descend.errors import DataError
from descend.tables.files.binary import read_binary
from descend.tables.files.csv import raw_delimited
from descend.tables.files.json_lines import read_json_array, read_json_lines
from descend.tables.files.raw import RawTable

ADDRESSES, SECONDS = 4 << 30, 10


def saved(write: Callable[[io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


def frame() -> pl.DataFrame:
    days = [datetime.date(2024, 1, i % 28 + 1) for i in range(60)]
    return pl.DataFrame(
        {
            "x": [1.5, None, -2.0] * 20,
            "z": list(range(60)),
            "y": [None, "abc", "a longer text than twelve"] * 20,
            "b": [True, False, None] * 20,
            "d": days,
            "t": [datetime.datetime(day.year, day.month, day.day, 3) for day in days],
        }
    ).with_columns(c=pl.col("y").cast(pl.Categorical))


def arrow_table() -> pa.Table:
    table = frame().to_arrow()
    kinds = {"y": pa.string(), "c": pa.dictionary(pa.int32(), pa.string())}
    return pa.table({name: table[name].cast(kinds.get(name, table[name].type)) for name in table.column_names})


def parquet_files() -> list[bytes]:
    write, table = pyarrow.parquet.write_table, arrow_table()
    files = [saved(lambda b, c=c: frame().write_parquet(b, compression=c)) for c in ("zstd", "snappy", "uncompressed")]
    files += [saved(lambda b, c=c: write(table, b, compression=c)) for c in ("snappy", "none", "gzip")]
    plain = {"compression": "none", "use_dictionary": False}
    delta = {"z": "DELTA_BINARY_PACKED", "y": "DELTA_BYTE_ARRAY"}
    files.append(saved(lambda b: write(table, b, data_page_version="2.0", **plain)))
    return [*files, saved(lambda b: write(table.select(["z", "y"]), b, column_encoding=delta, **plain))]


def feather_files() -> list[bytes]:
    write, table = pyarrow.feather.write_feather, arrow_table()
    files = [saved(lambda b, c=c: frame().write_ipc(b, compression=c)) for c in ("uncompressed", "lz4", "zstd")]
    files += [saved(lambda b, c=c: write(table, b, compression=c)) for c in ("lz4", "uncompressed")]

    def stream(buffer: io.BytesIO) -> None:
        with pa.ipc.new_stream(buffer, table.schema) as writer:
            writer.write_table(table)

    return [*files, saved(stream)]


def texts() -> list[bytes]:
    rows = "".join(f'{i},{i / 7:.3f},"te""xt {i}",NA,"x\ny"\n' for i in range(6))
    return [
        f"a,b,c,d,e\n{rows}".encode(),
        f"Report\n\na,b,c,d,e\n{rows}# end\n".encode(),
        b"sep=;\na;b;y\n1,5;x;\xc3\xa9\n2,5;;3\n",
        b'"a" "b"\n"1" 1.5 "x y"\n"2" 2.5 "NA"\n',
        b"% c\n# a  b\n 1    2\n 3    4\n",
        b"a\tb\r\n1\t2\t\r\n3\t4\r\n\r\n",
        b"a\n1\n\n3\n",
        "a,b\n1,é\n".encode("utf-16"),
    ]


def json_texts() -> list[bytes]:
    rows = [{"a": 1, "b": 1.10, "c": "é \ud7ff", "d": None}, {"a": True, "e": [1, {"x": "y"}]}, {"b": 1e400, "a": -0}]
    lines = "".join(json.dumps(row) + "\n" for row in rows * 2)
    return [lines.encode(), b"\xef\xbb\xbf" + lines.encode(), json.dumps(rows, ensure_ascii=False, indent=1).encode()]


SIGNS = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\x00",
    b"\xff",
    b"#",
    b" ",
    b"\t",
    b";",
    b"{",
    b"[" * 2000,
    b"\\ud800",
    b"9" * 5000,
]
WORDS = [b"\xff\xff\xff\xff", b"\x00" * 4, b"\xff\xff\xff\x7f", b"\x80\x80\x80\x08"]


def damaged(files: list[bytes], case: int) -> bytes:
    """Return a file with a few bytes changed, lost or added, many of them near its end, or cut off."""
    draw = random.Random(case)
    data = bytearray(files[case % len(files)])
    for _ in range(draw.choice([1, 1, 1, 2, 4, 8])):
        at = draw.randrange(len(data) + 1)
        if draw.random() < 0.4:
            at = max(0, len(data) - draw.randrange(min(len(data), 700) + 1))
        action = draw.randrange(20)
        if action < 7:
            data[at : at + 1] = bytes([draw.randrange(256)])
        elif action < 10 and at < len(data):
            data[at] ^= 1 << draw.randrange(8)
        elif action < 13:
            del data[at : at + draw.randrange(1, 9)]
        elif action < 15:
            data[at:at] = draw.randbytes(draw.randrange(1, 9))
        elif action < 17:
            data[at : at + 4] = draw.choice(WORDS)
        elif action < 19:
            data[at:at] = draw.choice(SIGNS)
        else:
            del data[at:]
    return bytes(data)


def read_json(data: bytes) -> RawTable:
    return (read_json_array if data.lstrip()[:1] == b"[" else read_json_lines)(data, "t")


KINDS: dict[str, tuple[Callable[[], list[bytes]], Callable[[bytes], RawTable]]] = {
    "parquet": (parquet_files, lambda data: read_binary(data, "t", "parquet")),
    "feather": (feather_files, lambda data: read_binary(data, "t", "feather")),
    "csv": (texts, lambda data: raw_delimited(data, "t")),
    "json": (json_texts, read_json),
}


def look_at(raw: RawTable) -> None:
    """Every cell, every record and its line must be there."""
    assert raw.rows > 0
    assert {len(column) for column in raw.columns} == {raw.rows}
    for column in raw.columns:
        assert len(list(column)) == raw.rows
    if raw.records is not None:
        lines = [raw.line(row) for row in range(raw.rows)]
        assert lines == sorted(set(lines))
        assert all(raw.records[row] for row in range(raw.rows))


def trial(kind: str, first: int, stop: int) -> str:
    """Read the cases; every cell of what is read is looked at."""
    make, read = KINDS[kind]
    files, count = make(), {"read": 0, "refused": 0}
    for file in files:
        assert read(file).rows > 0
    for case in range(first, stop):
        signal.alarm(SECONDS)
        try:
            raw = read(damaged(files, case))
            look_at(raw)
            count["read"] += 1
        except DataError as error:
            count["refused"] += str(error).startswith("t")
        except BaseException:
            sys.stderr.write(f"{kind}, case {case}\n")
            raise
    return f"{kind} {count['read']} {count['refused']}"


def most_memory() -> int:
    """Peak of this process in KiB; what the system counts otherwise includes the process that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")))


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    os.environ["RUST_BACKTRACE"] = "0"
    for kind in sys.argv[1].split(","):
        print(trial(kind, int(sys.argv[2]), int(sys.argv[3])))  # noqa: T201
    print("MB", most_memory() // 1024)  # noqa: T201
