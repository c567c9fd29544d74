"""What kind of file this is: by its first bytes, and only then by its name."""

from __future__ import annotations

import re
from pathlib import Path

from descend.errors import DataError

FORMATS = {
    ".csv": "csv",
    ".txt": "csv",
    ".data": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".feather": "feather",
    ".ipc": "feather",
    ".arrow": "feather",
    ".jsonl": "json lines",
    ".ndjson": "json lines",
    ".json": "json lines",
}
ENDINGS = ".csv, .tsv, .txt, .parquet, .feather, .jsonl, each also with .gz"
COMPRESSED = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd", ".zip": "zip"}
WORDS = {"parquet": "Parquet", "feather": "Feather (Arrow IPC)", "json lines": "JSON lines", "json array": "JSON"}

_SHEET = "Save the sheet as CSV in UTF-8."
_EXPORT = "Export the table as CSV or Parquet from the program that made it."
# first bytes -> what such a file is, and the remedy
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (such as Excel's .xls)", _SHEET),
    (b"\x09\x08\x10\x00\x00\x06\x05\x00", "an old Excel workbook", _SHEET),
    (
        b"SQLite format 3\x00",
        "an SQLite database",
        "Export the table: sqlite3 -header -csv FILE 'select * from TABLE'.",
    ),
    (b"%PDF-", "a PDF document", "Get the table as CSV from where the document came."),
    (b"{\\rtf", "an RTF document", "Save it as plain text in UTF-8."),
    (b"$FL2", "an SPSS file", _EXPORT),
    (b"$FL3", "an SPSS file", _EXPORT),
    (b"<stata_dta>", "a Stata file", _EXPORT),
    (b"\x89HDF", "an HDF5 file", _EXPORT),
    (b"\x93NUMPY", "a NumPy array", "Read it with numpy.load and give the array to `descend.as_table`."),
    (b"RDX", "an R workspace", "Write the table in R: write.csv(table, FILE, row.names = FALSE)."),
    (b"X\n\x00\x00\x00", "an R object (.rds)", "Write it in R: write.csv(readRDS(FILE), OTHER, row.names = FALSE)."),
    (b"Obj\x01", "an Avro file", _EXPORT),
    (b"ORC", "an ORC file", _EXPORT),
    (b"\x89PNG", "a PNG image", "Name the table."),
    (b"\xff\xd8\xff", "a JPEG image", "Name the table."),
    (b"GIF8", "a GIF image", "Name the table."),
    (b"\x7fELF", "a program", "Name the table."),
    (b"\x04\x22\x4d\x18", "an LZ4 file", "Expand it first: unlz4 FILE."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it and name the table."),
    (b"Rar!\x1a\x07", "a RAR archive", "Unpack it and name the table."),
    (b"PARE", "an encrypted Parquet file", _EXPORT),
    (b"FEA1", "a Feather file of version 1", "Write it anew: pyarrow.feather.write_feather."),
)
_PICKLE = re.compile(rb"\x80[\x02-\x05](?:\x95|[c}\]()q])")
_STATA_OLD = re.compile(rb"[\x69-\x73][\x01\x02][\x01\x02]\x00")
_SAS = re.compile(rb"\x00{12}\xc2\xea\x81\x60")
_MODEL = re.compile(rb'.{7}\x00\{"__metadata__":\{"descend":', re.DOTALL)
_PAGE = re.compile(
    rb"(?:<!--.{0,2000}?-->\s*)?<(!doctype html|html|head|body|script|!DOCTYPE)", re.IGNORECASE | re.DOTALL
)
_TAR = (b"ustar\x00", b"ustar  \x00")
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")


def ending_kind(name: str) -> str | None:
    """Return what the ending of a file's name says: "csv", "tsv", "parquet", "feather", "json lines", or None.

    Examples
    --------
    >>> ending_kind("a.CSV.gz"), ending_kind("a.parquet"), ending_kind("a.docx")
    ('csv', 'parquet', None)
    """
    path = Path(name.lower())
    if path.suffix in COMPRESSED and path.suffix != ".zip":
        path = Path(path.stem)
    return FORMATS.get(path.suffix)


def is_binary(data: bytes) -> bool:
    r"""Whether the first bytes hold control characters, which no text has.

    Examples
    --------
    >>> is_binary(b"PAR1\x15\x04"), is_binary(b"PAR1,PAR2")
    (True, False)
    """
    return _NOT_TEXT.search(data, 0, 200) is not None


def compressed_ending(name: str) -> str:
    """Return the way of compression that the ending of a file's name says, or ""."""
    return COMPRESSED.get(Path(name.lower()).suffix, "")


def content_kind(data: bytes) -> str:
    r"""Return what the first bytes say: "parquet", "feather", "json lines", "json array", or "" for anything else.

    Examples
    --------
    >>> content_kind(b'PAR1\x15'), content_kind(b'{"a": 1}'), content_kind(b"a,b")
    ('parquet', 'json lines', '')
    """
    if data.startswith(b"PAR1") and is_binary(data):
        return "parquet"
    if data.startswith((b"ARROW1", b"\xff\xff\xff\xff")) and data[4:6] != b"\xff\xff":
        return "feather"
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.match(rb'\{\s*(?:"|\})', start):
        return "json lines"
    return "json array" if re.match(rb"\[\s*(?:\{|\]\s*$)", start) else ""


def refuse_foreign(data: bytes, source: str) -> None:
    """Refuse by its real name what is no table that descend reads.

    Raises
    ------
    DataError
        Naming what it is, and the way to a table.

    Examples
    --------
    >>> refuse_foreign(b"%PDF-1.7", "t.csv")
    Traceback (most recent call last):
    descend.errors.DataError: t.csv: the file is a PDF document, which descend does not read. Get the table as CSV ...
    """
    if (found := _foreign(data)) is not None:
        raise DataError(f"{source}: the file is {found[0]}, which descend does not read. {found[1]}")


def _foreign(data: bytes) -> tuple[str, str] | None:
    for first, name, remedy in _FOREIGN:
        if data.startswith(first) and (len(first) > 4 or is_binary(data)):
            return name, remedy
    if _PICKLE.match(data):
        return "a pickle, which runs what its maker put into it", "Write the table as CSV or Parquet."
    if _STATA_OLD.match(data):
        return "a Stata file", _EXPORT
    if _SAS.match(data[:16]):
        return "a SAS file", _EXPORT
    if _MODEL.match(data[:64]):
        return "a model or checkpoint of descend, not a table", "Name the table; the model comes first."
    if data[257:265].startswith(_TAR):
        return "a tar archive", "Unpack it and name the table."
    return _foreign_text(data[:8192].removeprefix(b"\xef\xbb\xbf").lstrip())


def _foreign_text(start: bytes) -> tuple[str, str] | None:
    if _PAGE.match(start):
        what = "Where it was to be fetched from, another page came (a login, an error?): fetch the table itself, on "
        return "a web page (HTML)", what + "GitHub by the button Raw."
    if start.startswith(b"<?xml") or re.match(rb"<[A-Za-z][\w:.-]*(\s[^<>]*)?>\s*<", start):
        return "an XML document", _EXPORT
    if start.startswith(b"version https://git-lfs.github.com/spec/"):
        return "a pointer of Git LFS, not the file itself", "Fetch the file: git lfs pull."
    return None
