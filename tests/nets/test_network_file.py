"""Files of networks: what is saved comes back to the bit."""

import base64
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import descend
from descend import Network, SpecError, load
from descend.spec.network import make_spec
from model_files import DAMAGED, content_of, opened, refusal, sealed, tiny

# ---------------------------------------------------------------- round trips


def test_a_network_comes_back_with_the_same_bits(tmp_path):
    net = Network(
        [3, 5, 2], "relu", "softmax", "log_loss", bias=[0.5, 0.0], dtype="float64", seed=3, engine="reference"
    )
    net.save(tmp_path / "new" / "net.descend")
    again = descend.load(tmp_path / "new" / "net.descend")
    assert isinstance(again, Network)
    assert again.spec == net.spec
    assert (again.dtype, again.seed, again.engine) == (net.dtype, 3, "reference")
    assert again.theta.tobytes() == net.theta.tobytes()
    X = np.random.default_rng(0).normal(size=(20, 3))
    assert again.predict(X).tobytes() == net.predict(X).tobytes()
    again.W[0][0, 0] = 7.0  # the weights are the network's own


@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    bias=st.sampled_from([0.0, 0.5, 1.0]),
    ends=st.sampled_from(
        [
            ("identity", "huber", 0.3),
            ("identity", "quantile", 0.9),
            ("exp", "poisson", None),
            ("sigmoid", "log_loss", None),
        ]
    ),
    hidden=st.sampled_from(["step", "mish", "selu"]),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 2**130),
    last=st.sampled_from([None, "zero"]),
)
def test_any_network_comes_back(tmp_path_factory, sizes, bias, ends, hidden, dtype, seed, last):
    output, loss, parameter = ends
    spec = make_spec(sizes, hidden, output, loss, parameter, bias, "auto", "straight_through", last)
    theta = np.random.default_rng(seed).normal(size=spec.theta_size).astype(dtype)
    net = Network.from_spec(spec, theta, dtype=dtype, seed=seed, engine="reference")
    path = tmp_path_factory.getbasetemp() / "any.descend"
    net.save(path)
    again = load(path)
    assert (again.spec, again.seed, again.dtype.name) == (spec, seed, dtype)
    assert again.theta.tobytes() == theta.tobytes()


# ---------------------------------------------------------------- golden bytes

GOLDEN = """
    GAIAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJkZXNjZW5kIjoie1wiZm9ybWF0XCI6XCJkZXNjZW5kXCIsXCJ2ZXJzaW9uXCI6MSxc
    ImNoZWNrc3VtXCI6XCJhM2ZkYTQ2Mjk0ZjBjNDMxZWY0ZTMxZmY5ZWZlM2E0YzBmNzk2ZTM1MzI5OGE2MGE3M2NiNzczNmViMjgy
    YmI0XCIsXCJraW5kXCI6XCJuZXR3b3JrXCIsXCJuZXR3b3JrXCI6e1wic2l6ZXNcIjpbMSwyLDFdLFwiYWN0aXZhdGlvblwiOltc
    InRhbmhcIl0sXCJvdXRwdXRcIjpcImlkZW50aXR5XCIsXCJsb3NzXCI6XCJzcXVhcmVkXCIsXCJsb3NzX3BhcmFtZXRlclwiOlsw
    LjBdLFwiYmlhc1wiOlswLjUsMC41XSxcImluaXRcIjpcImF1dG9cIixcInN0ZXBfc3Vycm9nYXRlXCI6bnVsbH0sXCJkdHlwZVwi
    OlwiZmxvYXQzMlwiLFwic2VlZFwiOjUsXCJlbmdpbmVcIjpcIm5hdGl2ZVwifSJ9LCJXXzAiOnsiZHR5cGUiOiJGMzIiLCJzaGFw
    ZSI6WzIsMl0sImRhdGFfb2Zmc2V0cyI6WzAsMTZdfSwiV18xIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlszLDFdLCJkYXRhX29m
    ZnNldHMiOlsxNiwyOF19fSAgIAAAgD8AAADAAACAPgAAAD8AAEBAAADAvwAAAAA=
"""
GOLDEN_DOCUMENT = {
    "format": "descend",
    "version": 1,
    "checksum": "a3fda46294f0c431ef4e31ff9efe3a4c0f796e353298a60a73cb7736eb282bb4",
    "kind": "network",
    "network": {
        "sizes": [1, 2, 1],
        "activation": ["tanh"],
        "output": "identity",
        "loss": "squared",
        "loss_parameter": [0.0],
        "bias": [0.5, 0.5],
        "init": "auto",
        "step_surrogate": None,
    },
    "dtype": "float32",
    "seed": 5,
    "engine": "native",
}


def test_the_bytes_of_a_tiny_network_are_those_of_version_1(tmp_path):
    golden = base64.b64decode("".join(GOLDEN.split()))
    assert content_of(tiny()) == golden
    (tmp_path / "golden.descend").write_bytes(golden)
    again = load(tmp_path / "golden.descend")
    assert [W.tolist() for W in again.W] == [[[1.0, -2.0], [0.25, 0.5]], [[3.0], [-1.5], [0.0]]]
    assert opened(golden)[0] == GOLDEN_DOCUMENT


def test_a_network_has_no_tensors_but_its_weights(tmp_path):
    document, tensors = opened(content_of(tiny()))
    found = refusal(tmp_path, sealed(document, tensors | {"preprocessing.scale": np.ones(1)}))
    assert found == f"tensor `preprocessing.scale` is unknown. {DAMAGED}"


# ---------------------------------------------------------------- what cannot be saved


def test_code_cannot_be_saved(tmp_path):
    net = Network([1, 2, 1], (np.sin, np.cos), engine="reference", seed=0)
    with pytest.raises(SpecError) as caught:
        net.save(tmp_path / "x.descend")
    assert "user's own activation" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_weights_that_are_not_finite_cannot_be_saved(tmp_path):
    net = tiny()
    net.theta[3] = np.nan
    with pytest.raises(SpecError) as caught:
        net.save(tmp_path / "x.descend")
    words = "save: the network's weights must be finite; some are not. Save one that did not diverge."
    assert str(caught.value) == words
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX's")
def test_on_a_full_disk_the_old_file_stays(tmp_path):
    path = tmp_path / "net.descend"
    tiny().save(path)
    old = path.read_bytes()
    program = """
        import resource, signal, sys
        from descend import Network
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            Network([100, 100, 1], seed=0).save(sys.argv[1])
        except OSError as error:
            print(error.filename)
    """
    run = [sys.executable, "-c", textwrap.dedent(program), str(path)]
    result = subprocess.run(run, capture_output=True, text=True, check=True)
    assert result.stdout == f"{path}\n"
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]
