"""Messages as bytes."""

import json
from dataclasses import fields

import numpy as np
import pytest

from descend.play import messages
from descend.play.wire import content, frame, plain
from play_sessions import Talk


def parsed(data):
    size = int.from_bytes(data[:4], "little")
    told, at, arrays = json.loads(data[4 : 4 + size]), 4 + size, {}
    for head in told["arrays"]:
        assert at % 8 == 0
        count = int(np.prod(head["shape"]))
        arrays[head["name"]] = np.frombuffer(data, head["dtype"], count, at).reshape(head["shape"])
        at += -(-arrays[head["name"]].nbytes // 8) * 8
    assert at == len(data)
    return told, arrays


def test_a_frame_holds_the_message_and_its_arrays():
    with Talk("#data=spiral3&restarts=5&epochs=3&speed=0") as talk:
        talk.play()
        picture, arrays = talk.picture()
        told, read = parsed(frame(picture, arrays))
        assert {one.name for one in fields(messages.Picture)} | {"arrays"} == set(told)
        assert list(read) == list(arrays)
        for name, array in arrays.items():
            np.testing.assert_array_equal(read[name], array)
        same, buffers = content(picture, arrays)
        assert json.loads(json.dumps(same)) == told
        assert [one.tobytes() for one in buffers] == [array.tobytes() for array in arrays.values()]


def test_every_message_of_a_talk_goes_over_the_wire():
    with Talk("#data=blobs&samples=60") as talk:
        for what in ("round", "gradient_check", "node", "edge", "model", "trace", "weights"):
            talk.ask(what)
        for message, arrays in talk.heard:
            told, _ = parsed(frame(message, arrays))
            assert told["type"] == message.type


def test_what_json_has_no_word_for():
    assert plain([float("inf"), {"a": float("nan")}, (1, True, None)]) == [None, {"a": None}, [1, True, None]]
    with pytest.raises(TypeError, match="float16"):
        frame(messages.Said(""), {"x": np.zeros(1, np.float16)})
    with pytest.raises(TypeError, match="object"):
        plain(object())
    assert parsed(frame(messages.Said("x"), {"x": np.zeros((0, 3), np.float32)}))[1]["x"].shape == (0, 3)
