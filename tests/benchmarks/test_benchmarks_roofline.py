"""The roofline against a training that counts its own operations and bytes; peaks that do what they say."""

import doctest
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.measure import Times  # noqa: E402
from benchmarks.peaks import FMA, MEMORY, QUOTIENTS, READ, UPDATE  # noqa: E402
from benchmarks.works import WORKS, Work  # noqa: E402

from benchmarks import by_index, peaks, roofline, shares  # noqa: E402

CACHES = {"registers": 2048, "L1": 2**15, "L2": 2**20, "L3": 2**25}


@pytest.mark.parametrize("module", [by_index, peaks, roofline, shares])
def test_examples_run(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


# ---------------------------------------------------------------- a training that counts


def counted_places(work, awake=1.0):
    """Go through the loops of the definition, one weight at a time."""
    places = 0
    for layer, (n, m) in enumerate(zip(work.sizes, work.sizes[1:], strict=False)):
        for row in range(n + 1):  # the last one is the bias
            for _ in range(m):
                for _ in range(work.batch):
                    places += 1  # forward: s_j += v_i w_ij
                    places += 1  # gradient: g_ij += v_i δ_j; of a single sample with SGD: w_ij += v_i d_j
                    places += layer > 0 and row < n  # backward: e_i += w_ij δ_j
                places += counted_step(work)
    return places


def counted_step(work):
    """Products, alone or fused, of one weight's step, as engine/README.md writes them."""
    if work.optimizer == "sgd":
        return 0 if work.batch == 1 else 1  # w = fma(−η, g, w)
    m = ["β1 m", "fma"]
    u = ["(1 − β2) g", "β2 u", "fma"]
    w = ["α m", "fma(√u, r, ε)"]  # and a difference, for which there are other units
    return len(m + u + w) + (work.optimizer == "adamw")  # (1 − η λ) w


@pytest.mark.parametrize("sizes", [(3, 1), (4, 3, 2), (5, 4, 3, 2)])
@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_multiply_adds_are_those_of_the_definition(sizes, batch, optimizer):
    work = Work("a", sizes, batch=batch, optimizer=optimizer)
    wanted = roofline.need(work)
    assert wanted.places == counted_places(work)
    assert wanted.quotients == (0 if optimizer == "sgd" else work.weights)


def test_bytes_are_those_that_must_come_and_go():
    work = Work("a", (4, 3, 2), batch=5, optimizer="adamw")
    parameters, data = roofline.need(work).moved
    W_0, W_1 = 4 * 5 * 3, 4 * 4 * 2
    assert parameters.held == 3 * (W_0 + W_1)  # with both moments
    assert parameters.read == W_1
    assert parameters.updated == 2 * 3 * (W_0 + W_1)
    assert (data.held, data.read, data.updated) == (work.rows * 4 * 6, 5 * 4 * 6, 0)


def test_restarts_in_lanes_hold_sixteen_nets_and_share_their_inputs():
    parameters, data = roofline.need(Work("a", (8, 32, 1), restarts=64)).moved
    assert parameters.held == 16 * 4 * 321
    assert data.read == 4 * 9 / 64
    assert roofline.need(Work("a", (30, 64, 64, 1), restarts=64)).moved[0].held == 4 * 6209  # too large for lanes


def test_of_single_samples_only_rows_that_are_awake_count():
    work = Work("a", (784, 512, 512, 10))
    W_0, W_1, W_2 = (a * b for a, b in ((785, 512), (513, 512), (513, 10)))
    half = roofline.need(work, 0.5)
    assert half.places == 2 * W_0 + W_1 + 2 * W_2 + 512 * 512 / 2 + 512 * 10
    assert half.moved[0].read == 4 * (W_0 / 24 + W_1 / 2 + W_2)
    assert half.moved[0].updated == 2 * 4 * (W_0 / 24 + W_1 / 2 + W_2)
    for other in (replace(work, batch=32), replace(work, optimizer="adamw"), Work("a", (30, 64, 64, 1))):
        assert roofline.need(other, 0.5) == roofline.need(other, 1.0)


def test_the_share_that_is_awake_is_that_of_the_data():
    net = [np.array([[1.0, -1.0, 0.0], [0.0, 0.0, -1.0]])]
    X = np.array([[2.0], [0.0], [-2.0], [1.0]])
    assert shares.awake_share(X, [net]) == (3 + 2 + 0) / 12


def test_each_core_holds_its_part_of_one_net():
    one, two = (roofline.need(Work("a", (784, 512, 512, 10), batch=256), cores=cores) for cores in (1, 2))
    assert two.moved[0].held == one.moved[0].held / 2
    assert replace(two, moved=()) == replace(one, moved=())


@pytest.mark.parametrize(
    ("peak", "longest"), [((FMA, ""), "multiply-adds"), ((QUOTIENTS, ""), "divisions"), ((UPDATE, "L3"), "L3")]
)
def test_the_longest_of_the_three_is_the_roof(peak, longest):
    work = Work("a", (784, 128, 10), batch=32, optimizer="adamw")
    wanted = roofline.need(work)
    rates = dict.fromkeys(roofline.peaks_of(wanted, CACHES), 1e12) | {peak: 1e6}
    parts = roofline.seconds(wanted, rates, CACHES)
    amounts = {"multiply-adds": 2 * wanted.places, "divisions": wanted.quotients, "L3": wanted.moved[0].updated}
    assert roofline.longest(parts) == longest
    assert roofline.roof(parts) == pytest.approx(amounts[longest] / 1e6, rel=1e-3)


def test_only_peaks_that_are_needed_are_measured():
    small, large = Work("a", (8, 32, 1)), Work("a", (784, 128, 10), batch=32, optimizer="adamw")
    asked = [set(roofline.peaks_of(roofline.need(work), CACHES)) for work in (small, large)]
    assert asked[0] == {(FMA, ""), (READ, "L2")}  # 321 weights stay in registers
    assert asked[1] == {(FMA, ""), (QUOTIENTS, ""), (READ, "L3"), (UPDATE, "L3")}


# ---------------------------------------------------------------- peaks


@pytest.fixture(scope="module")
def loops():
    try:
        return peaks.Loops(peaks.compiled())
    except OSError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("peak", [(FMA, ""), (QUOTIENTS, ""), (READ, "L1"), (UPDATE, "L1")])
def test_a_peak_does_the_amount_that_it_says(loops, peak):
    trial = loops._made(peak)
    once, thrice = (sum(one(rounds) for one in trial) for rounds in (1, 3))
    assert thrice == 3 * once > 0


def test_streams_go_over_the_whole_buffer(loops):
    half = peaks.levels()["L1"] // 2
    assert loops._made((READ, "L1"))[0](1) == half
    assert loops._made((UPDATE, "L1"))[0](1) == 2 * half


def test_updates_change_what_lies_there(loops):
    buffer = peaks._aligned(1024)
    loops.library.updates.restype = peaks.ctypes.c_double
    vectors = buffer.nbytes // loops.library.vector_bytes()
    loops.library.updates(
        peaks.ctypes.c_void_p(buffer.ctypes.data), peaks.ctypes.c_long(vectors), peaks.ctypes.c_long(9)
    )
    assert (buffer < 1).all()
    assert np.unique(buffer).size == 1


def test_all_cores_do_their_part_at_once(loops):
    run, amount = peaks.Loops(loops.library, 3).run((FMA, ""), 1e-4)
    run()
    assert amount % 3 == 0


def test_buffers_lie_in_their_level():
    sizes = {level: peaks._buffer_size(level, 1) for level in (*peaks.levels(), MEMORY)}
    below = 0
    for level, room in peaks.levels().items():
        assert below < sizes[level] <= room
        below = room
    assert sizes[MEMORY] > below


def test_a_compiler_that_refuses_says_why(monkeypatch):
    monkeypatch.setenv("CXX", "false")
    with pytest.raises(OSError, match=r"^false does not compile peaks\.cpp"):
        peaks.compiled.__wrapped__()


# ---------------------------------------------------------------- shares


def times(*seconds):
    return Times(seconds, seconds)


@pytest.mark.parametrize(("cores", "must"), [(1, 0.8), (2, None)])
def test_the_share_is_the_roof_by_our_time_repeat_by_repeat(monkeypatch, cores, must):
    monkeypatch.setattr(peaks, "places", lambda: CACHES)
    work = Work("a", (784, 128, 10), batch=32)
    wanted = roofline.need(work)
    names = ["fma", "read L2", "update L2", "read L3"]
    judge = shares.Judge(work, peaks.Loops(None, cores), dict.fromkeys(names), dict.fromkeys(names, 1e12))
    step = 2 * wanted.places / 1e12
    measured = dict.fromkeys(names, times(1.0, 2.0, 4.0)) | {"ours": times(2 * step, 2.5 * step, 16 * step)}
    line, told = judge.line("a title", measured, "ours", 1.0)
    assert line.ratio.median == pytest.approx(0.5)
    assert (line.ratio.low, line.ratio.high) == pytest.approx((0.25, 0.8))
    assert (line.work, line.against, line.unit, line.must) == ("a title", "roofline: multiply-adds", "µs", must)
    assert line.theirs == pytest.approx(2e6 * step)
    assert told["peaks_per_second"]["fma"] == pytest.approx(5e11)


def test_small_nets_have_no_bar(monkeypatch):
    large = {work.name for work in WORKS if work.weights > shares.LARGE}
    assert large == {"sample-784", "sample-784-512", "batch-784", "batch-784-512", "adamw-784", "adamw-784-512"}


# ---------------------------------------------------------------- by index


def counted_by_index(rows, work):
    """Go through a step by index, as engine/README.md writes its sums; sums without a product do not count."""
    (_, n_1, n_2), places = work.sizes, 0
    for codes in rows.codes:
        places += n_1 + n_1  # bias: c W there, its gradient back
        for _ in codes:
            places += n_1  # s += P[code]; s = fma(z, W[code], s)
            places += n_1  # GP[code] += δ; GW[code] = fma(z, δ, GW[code])
        places += 2 * (n_1 + 1) * n_2 + n_1 * n_2  # the layer above
    return places + work.weights * counted_step(work)


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_multiply_adds_by_index_are_those_of_its_sums(optimizer):
    work = Work("a", (640, 7, 2), batch=9, optimizer=optimizer)
    assert by_index.need(work).places == counted_by_index(by_index.make_rows(9)[0], work)


def test_rows_by_index_are_the_numbers_in_their_bins():
    rows, _ = by_index.make_rows(50)
    X = rows.expanded().reshape(50, by_index.NUMBERS, by_index.BINS)
    assert np.allclose(X.sum(axis=2), rows.codes + rows.shares)
    assert rows.shares.min() >= 0
    assert rows.shares.max() < 1


def test_what_registers_hold_is_not_moved():
    rates = {(FMA, ""): 1e12, (READ, "L2"): 1e12, (READ, "L1"): 1e12, (UPDATE, "L1"): 1.0}
    small, larger = (roofline.need(Work("a", (8, n, 1))) for n in (32, 64))
    assert "L1" not in roofline.seconds(small, rates, CACHES)
    assert roofline.seconds(larger, rates, CACHES)["L1"] == pytest.approx(larger.moved[0].updated)
