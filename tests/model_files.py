"""Model files taken apart and put together without descend."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors


def opened(content: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The document and the tensors of a file."""
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return json.loads(header["__metadata__"]["descend"]), dict(load_tensors(content))


def sealed(document: dict[str, Any], tensors: dict[str, np.ndarray]) -> bytes:
    """A file with a right checksum."""
    zeros = "0" * 64
    text = json.dumps(document | {"checksum": zeros}, separators=(",", ":"))
    content = save_tensors(tensors, {"descend": text})
    return content.replace(zeros.encode(), hashlib.sha256(content).hexdigest().encode())


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
