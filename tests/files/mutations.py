"""Changes of files for fuzz tests: a JSON value, a table of tensors, bytes; a seal that fits again.

A new version of the format needs a line in `SEEDS` of fuzz_models.py; what is changed here knows no kind of file.
"""

from __future__ import annotations

import copy
import hashlib
import json
import random
import struct
from collections.abc import Callable
from typing import Any

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 3, 255, 2**31 - 1, 2**31, 2**53 + 1, 2**63, 10**99, 10**120, -(2**63)),
    *(0.0, -0.0, 0.5, 1.0, 1.5, -1.0, 1e-300, 1e299, 1e308, 3.4e38, float("nan"), float("inf")),
    *(
        "",
        "a",
        "W_0",
        "relu",
        "softmax",
        "float64",
        "<U3",
        "<U100000000",
        "|i1",
        "O",
        "\ud800",
        "\0",
        "\x1b[2J",
        "0" * 64,
    ),
    *([], [0], [1, 2], [0, 0], ["a", "b"], [[]], {}, {"a": 1}, {"infinity": 1}, {"pairs": []}, {"pairs": [[[], 1]]}),
)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value but the top."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: list[tuple[Any, ...]] = []
    for key, one in entries:
        found += [(*path, key), *paths_of(one, (*path, key))]
    return found


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """What stands at a place."""
    for key in path:
        value = value[key]
    return value


def change_json(value: Any, rng: random.Random) -> Any:
    """A copy with one place changed: another value, one of another place, gone, twice, in another order."""
    value = copy.deepcopy(value)
    paths = paths_of(value)
    if not paths:
        return rng.choice(ODD)
    *head, key = rng.choice(paths)
    parent = at(value, tuple(head))
    act = rng.randrange(8)
    if act <= 2:
        parent[key] = copy.deepcopy(rng.choice(ODD))
    elif act == 3:
        parent[key] = copy.deepcopy(at(value, rng.choice(paths)))
    elif act == 4:
        del parent[key]
    elif act == 5:
        _insert(parent, key, rng)
    elif act == 6:
        parent[key] = nudged(parent[key], rng)
    elif isinstance(parent, list):
        rng.shuffle(parent)
    else:
        parent[rng.choice(["name", "more", "kind", "values", str(key) + "_"])] = parent.pop(key)
    return value


def _insert(parent: Any, key: Any, rng: random.Random) -> None:
    if isinstance(parent, list):
        parent.insert(key, copy.deepcopy(rng.choice([parent[key], *ODD])))
    else:
        parent[rng.choice(["more", "", "\ud800", "W_9"])] = rng.choice(ODD)


def nudged(value: Any, rng: random.Random) -> Any:
    """A value near to another of its kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return rng.choice([value + 1, value - 1, -value, value * 2, float(value), str(value)])
    if isinstance(value, str):
        return rng.choice([value + "x", value[:-1], value.upper(), value + "\0", value + "é", value[::-1]])
    if isinstance(value, list):
        return rng.choice([value[:-1], value[::-1], [*value, *value], value[:1]])
    return value


def change_bytes(content: bytes, rng: random.Random) -> bytes:
    """A copy with bits flipped, numbers replaced, a part cut out, doubled or put in."""
    if not content:
        return bytes([rng.randrange(256)])
    broken, place = bytearray(content), rng.randrange(len(content))
    act = rng.randrange(6)
    if act == 0:
        for _ in range(rng.randrange(1, 4)):
            broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
    elif act == 1:
        kind = rng.choice(["<f", "<d"])
        place -= place % struct.calcsize(kind)
        number = struct.pack(kind, rng.choice([float("nan"), float("inf"), 3e38, -3e38, 0.0, -1.0, 1e-40, 0.7]))
        broken[place : place + len(number)] = number[: len(broken) - place]
    elif act == 2:
        del broken[place : place + rng.randrange(1, 64)]
    elif act == 3:
        broken[place:place] = broken[place : place + rng.randrange(1, 64)]
    elif act == 4:
        broken[place : place + 8] = rng.randbytes(8)
    else:
        broken = broken[:place]
    return bytes(broken)


def apart(content: bytes) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """Document, table of tensors, bytes of tensors."""
    end = 8 + int.from_bytes(content[:8], "little")
    table = json.loads(content[8:end])
    document = json.loads(table.pop("__metadata__")["descend"])
    return document, table, content[end:]


def together(document: Any, table: dict[str, Any], data: bytes, encode: Callable[[str], bytes] = str.encode) -> bytes:
    """A file with a seal that fits, whatever its parts are."""
    if isinstance(document, dict) and "checksum" in document:
        document = document | {"checksum": "0" * 64}
    text = json.dumps(document, separators=(",", ":"))
    header = encode(json.dumps({"__metadata__": {"descend": text}} | table, separators=(",", ":")))
    content = len(header).to_bytes(8, "little") + header + data
    return content.replace(b"0" * 64, hashlib.sha256(content).hexdigest().encode(), 1)


def change_file(content: bytes, other: bytes, rng: random.Random) -> bytes:
    """A model file changed somewhere, with a mended seal but for changes of its raw bytes; parts may be the other's."""
    document, table, data = apart(content)
    act = rng.randrange(20)
    for _ in range(1 if rng.random() < 0.8 else rng.randrange(2, 5)):
        if act < 12:
            document = change_json(document, rng) if isinstance(document, dict | list) else document
        elif act < 14:
            table = change_json(table, rng) if isinstance(table, dict) else table
        elif act < 17:
            data = change_weights(data, rng)
    if act == 17:
        return change_bytes(content, rng)
    if act == 18:
        document, table, data = spliced((document, table, data), apart(other), rng)
    if act == 19:
        encoding = rng.choice(["utf-16-le", "utf-8-sig", "utf-32"])
        return together(document, table, data, lambda text: text.encode(encoding))
    return together(document, table if isinstance(table, dict) else {"t": table}, data)


def change_weights(data: bytes, rng: random.Random) -> bytes:
    """Bytes of tensors changed; mostly of the same length."""
    changed = change_bytes(data, rng)
    return changed if rng.random() < 0.2 else (changed + bytes(len(data)))[: len(data)]


def spliced(one: tuple[Any, Any, bytes], other: tuple[Any, Any, bytes], rng: random.Random) -> tuple[Any, Any, bytes]:
    """Fields of the other's document in this one, or its tensors."""
    document, table, data = one
    if rng.random() < 0.3:
        return document, other[1], other[2]
    names = rng.sample(sorted(other[0]), rng.randrange(1, 4))
    return document | {name: other[0][name] for name in names}, table, data
