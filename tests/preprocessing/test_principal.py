"""Principal components: as LAPACK finds them, but with the same bits everywhere; whitened, clipped, never infinite."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.preprocessing.encoders.eigenvectors import covariance, jacobi, leading_eigenvectors
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.principal import PrincipalEncoder, fit_principal
from descend.preprocessing.encoders.robust_scale import fit_robust_scale, robust_scaled
from descend.tables.columns.column import make_column


def inputs_of(X) -> tuple[Inputs, list[Input]]:
    names = [f"x{j}" for j in range(np.shape(X)[1])]
    columns = {name: make_column(name, "number", column) for name, column in zip(names, np.transpose(X), strict=True)}
    return Inputs(columns), [Input(name) for name in names]


def fitted(X) -> PrincipalEncoder | None:
    return fit_principal(*inputs_of(X))


def encoded(encoder, X) -> np.ndarray:
    out = np.zeros((len(X), len(encoder.components)))
    assert encoder.encode(inputs_of(X)[0], out) is None
    return out


def correlated(rows, columns, seed=0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mixing = rng.standard_normal((columns, columns)) * 0.9 ** np.arange(columns)[:, None]
    return rng.standard_normal((rows, columns)) @ mixing


def scaled(X) -> np.ndarray:
    return np.stack([robust_scaled(column, *fit_robust_scale(column)) for column in X.T], axis=1)


# ---------------------------------------------------------------- eigenvectors


@pytest.mark.parametrize("d", [1, 2, 3, 8, 21, 60])
def test_rotations_find_what_lapack_finds(d):
    C = covariance(correlated(300, d))
    values, vectors = leading_eigenvectors(C, d)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(C)[::-1], atol=1e-13 * values[0])
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(d), atol=1e-13)
    np.testing.assert_allclose(vectors @ C, values[:, None] * vectors, atol=1e-13 * values[0])
    assert (vectors[np.arange(d), np.abs(vectors).argmax(axis=1)] > 0).all()


def test_subspace_iteration_finds_what_lapack_finds():
    C = covariance(correlated(1000, 150))
    values, vectors = leading_eigenvectors(C, 20)
    expected, columns = np.linalg.eigh(C)
    np.testing.assert_allclose(values, expected[:-21:-1], rtol=1e-9)
    np.testing.assert_allclose(np.abs(vectors @ columns[:, :-21:-1]), np.eye(20), atol=1e-6)


def test_columns_that_repeat_others_do_not_stop_it():
    C = covariance(np.repeat(correlated(400, 6), 30, axis=1))
    values, vectors = leading_eigenvectors(C, 64)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(C)[:-65:-1], atol=1e-9 * values[0])
    np.testing.assert_allclose(vectors[:6] @ vectors[:6].T, np.eye(6), atol=1e-12)
    assert np.isfinite(vectors).all()


@pytest.mark.parametrize("C", [np.eye(4), np.zeros((3, 3)), np.ones((5, 5)), np.diag([1e-90, 1e90])])
def test_rotations_are_right_also_where_values_are_equal_or_zero(C):
    values, vectors = jacobi(C)
    np.testing.assert_allclose(vectors.T * values @ vectors, C, atol=1e-12)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(len(C)), atol=1e-12)


def test_a_matrix_of_zeros_has_the_eigenvalue_0():
    assert jacobi(np.zeros((3, 3)))[0].tolist() == [0, 0, 0]
    assert leading_eigenvectors(np.zeros((150, 150)), 5)[0].tolist() == [0] * 5


def test_a_covariance_of_several_blocks_agrees_with_numpy():
    Z = correlated(300, 70)
    np.testing.assert_allclose(covariance(Z), Z.T @ Z / 300, rtol=1e-12, atol=1e-12)


# ---------------------------------------------------------------- the encoder


def test_scores_have_variance_1_and_are_uncorrelated():
    X = np.random.default_rng(3).random((600, 3)) @ np.random.default_rng(4).random((3, 9))
    scores = encoded(fitted(X), X)
    assert np.abs(scores).max() < 4.0  # none is clipped
    np.testing.assert_allclose(scores.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scores.T @ scores / 600, np.eye(scores.shape[1]), atol=1e-9)


@pytest.mark.parametrize("d", [12, 101])
def test_scores_agree_with_a_singular_value_decomposition(d):
    X = correlated(700, d)
    Z = scaled(X)
    U, s, Vt = np.linalg.svd(Z - Z.mean(axis=0), full_matrices=False)
    k = min(64, int((s > 0.01 * s[0]).sum()))
    encoder = fitted(X)
    assert len(encoder.components) == k
    signs = np.sign(Vt[np.arange(k), np.abs(Vt[:k]).argmax(axis=1)])
    np.testing.assert_allclose(encoded(encoder, X), np.clip(U[:, :k] * signs * np.sqrt(700), -4, 4), atol=1e-6)


def test_rows_of_several_blocks_and_far_away_are_encoded_and_clipped():
    X = correlated(1500, 4)
    encoder = fitted(X)
    far = np.concatenate([X, [[1e300] * 4, [-np.inf] * 4]])
    scores = encoded(encoder, far)
    expected = (scaled(X) - np.array(encoder.means)) @ np.array(encoder.components).T
    np.testing.assert_allclose(scores[:1500], np.clip(expected, -4, 4), rtol=1e-9, atol=1e-12)
    assert np.abs(scores[1500:]).max() <= 4.0
    assert np.isfinite(scores).all()


def test_missing_is_the_median_of_its_number():
    X = correlated(101, 4)
    encoder = fitted(X)
    median = np.median(X, axis=0)
    gap, filled = np.array([[np.nan, 1.0, np.nan, 2.0]]), np.array([[median[0], 1.0, median[2], 2.0]])
    assert encoded(encoder, gap).tolist() == encoded(encoder, filled).tolist()
    some = np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)
    assert np.isfinite(encoded(fitted(some), some)).all()


def test_components_are_at_most_a_fifth_of_the_rows_and_64():
    assert len(fitted(correlated(30, 10)).components) == 6
    assert len(fitted(np.random.default_rng(0).random((400, 90))).components) == 64


def test_numbers_that_never_differ_are_left_out_and_three_others_are_needed():
    X = correlated(50, 4)
    X[:, 1] = 7.0
    encoder = fitted(X)
    assert encoder.inputs == (Input("x0"), Input("x2"), Input("x3"))
    assert encoder.columns == ("x0", "x2", "x3")
    X[:, 2] = np.nan
    assert fitted(X) is None
    assert fitted(correlated(4, 9)) is None


def test_of_many_rows_some_are_looked_at_along_the_whole_table():
    X = correlated(12_000, 3)
    X[6000:, 0] += 50.0
    means = scaled(X).mean(axis=0)
    np.testing.assert_allclose(fitted(X).means, means, atol=0.05)


def test_a_row_of_weight_two_is_a_row_given_twice_and_one_of_weight_0_is_none():
    X = correlated(200, 4)
    inputs, names = inputs_of(X)
    weight = np.random.default_rng(0).integers(0, 3, 200)
    weighted = fit_principal(inputs, names, weight * 1.0)
    repeated = fitted(np.repeat(X, weight, axis=0))
    for name in ("centers", "scales", "means", "components"):
        np.testing.assert_allclose(getattr(weighted, name), getattr(repeated, name), rtol=1e-9, err_msg=name)
    assert fit_principal(inputs, names).means != weighted.means


def test_parts_of_a_date_read_one_column():
    inputs = Inputs({"d": make_column("d", "date", np.arange(500) * 86_400.0)})
    parts = [Input("d", part) for part in ("days", "month", "weekday")]
    assert fit_principal(inputs, parts).columns == ("d",)


VALUES = st.sampled_from([0.0, 1.0, -2.5, 1e300, -1e300, 5e-324, 7.0, np.nan, np.inf, -np.inf])


@settings(max_examples=50)
@given(st.lists(st.tuples(*[VALUES | st.floats(-9, 9)] * 4), min_size=5, max_size=25))
def test_any_numbers_become_finite_scores(rows):
    X = np.array(rows)
    encoder = fitted(X)
    if encoder is not None:
        scores = encoded(encoder, X)
        assert np.abs(scores).max() <= 4.0
        assert np.isfinite([encoder.centers, encoder.scales, encoder.means]).all()
        assert np.isfinite(encoder.components).all()
