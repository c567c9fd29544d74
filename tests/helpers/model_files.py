"""Files of models: made, and taken apart and sealed again without descend."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from descend import FileError, Network, load
from descend.models.blends.blend import BlendMember
from descend.models.blends.fit import BlendFit
from descend.models.blends.members import MEMBERS
from descend.models.blends.options import BlendOptions
from descend.models.options import TrainOptions
from descend.models.train import judge, train
from descend.models.understand import understand

DAMAGED = "The file is damaged; use a copy, or train anew."
TABLE = {
    "size": [float(i % 20) for i in range(60)],
    "colour": ["red", "green", "blue"] * 20,
    "when": [f"2024-01-{1 + i % 28:02d}" for i in range(60)],
    "flag": [i % 3 == 0 for i in range(60)],
    "kind": ["low" if i % 20 < 10 else "high" for i in range(60)],
}


def trained(target, **options):
    given = {"hidden": (4,), "epochs": 3, "restarts": 2, "engine": "reference"} | options
    return train(understand(TABLE, target, TrainOptions(**given))).model


def blended(target, **options):
    """A blend of few small networks, of every kind of encoder that this table gives rise to."""
    members = [replace(MEMBERS[name], hidden=(3,), samples=300, least=2, most=4) for name in ("tri", "pca", "leafntp")]
    seen = understand(TABLE, target, TrainOptions(preset="tabular", quality="fast", **options))
    fit = BlendFit(seen.blend.blocks, seen.blend.goal, members, BlendOptions(n_jobs=1))
    found = fit.run()
    equal = [BlendMember(one.name, 1 / len(found.standings), one.nets) for one in found.standings]
    return judge(seen, replace(found, blend=replace(found.blend, members=tuple(equal)))).model


def tiny():
    net = Network([1, 2, 1], "tanh", bias=0.5, seed=5, dtype="float32")
    net.W = [[[1.0, -2.0], [0.25, 0.5]], [[3.0], [-1.5], [0.0]]]
    return net


def content_of(thing):
    """The bytes of the file that `save` writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.descend"
        thing.save(path)
        return path.read_bytes()


def opened(content):
    """The document and the tensors of a file, taken apart without descend."""
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return json.loads(header["__metadata__"]["descend"]), dict(load_tensors(content))


def sealed(document, tensors):
    """A file with a right checksum, made without descend."""
    zeros = "0" * 64
    text = json.dumps(document | {"checksum": zeros}, separators=(",", ":"))
    content = save_tensors(tensors, {"descend": text})
    return content.replace(zeros.encode(), hashlib.sha256(content).hexdigest().encode())


def refusal(tmp_path, content):
    path = tmp_path / "x.descend"
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        load(path)
    return str(caught.value).replace(f'model file "{path}": ', "")


def leaves(document: Any, path: str = "") -> dict[str, Any]:
    """Every field that is no object: its path with points -> its value. Places in a list of objects do not count."""
    if isinstance(document, dict):
        parts = [leaves(value, f"{path}.{name}" if path else name) for name, value in document.items()]
    elif isinstance(document, list) and document and all(isinstance(one, dict) for one in document):
        parts = [leaves(one, path) for one in document]
    else:
        return {path: [document]}
    found: dict[str, Any] = {}
    for part in parts:
        for name, values in part.items():
            found[name] = found.get(name, []) + values
    return found
