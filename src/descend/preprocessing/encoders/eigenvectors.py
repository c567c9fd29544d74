"""Covariances, their factors and eigenvectors, without BLAS and LAPACK, whose bits differ from machine to machine.

Up to 100 columns: Jacobi's rotations. Beyond: the leading ones, by subspace iteration, and Jacobi within the subspace.
Golub, Van Loan, *Matrix Computations*, chapter 8.
"""

from __future__ import annotations

import numpy as np

from descend.typing import Array, Floats

MOST_BY_JACOBI = 100
_SWEEPS, _STEPS, _MORE = 30, 60, 16
_ROWS, _COLUMNS = 128, 64  # a block of a covariance, small enough for the cache


def covariance(Z: Array) -> Floats:
    """Return Zᵀ Z / n of centred columns.

    Parameters
    ----------
    Z : ndarray of float64, shape (n, d)
        At least one row.

    Examples
    --------
    >>> covariance(np.array([[1.0, 2.0], [-1.0, -2.0]])).tolist()
    [[1.0, 2.0], [2.0, 4.0]]
    """
    n, d = Z.shape
    upper = np.zeros((d, d))
    for row in range(0, n, _ROWS):
        block = Z[row : row + _ROWS]
        for i in range(0, d, _COLUMNS):
            upper[i : i + _COLUMNS, i:] += np.einsum("ni,nj->ij", block[:, i : i + _COLUMNS], block[:, i:])
    above = np.triu(upper, 1)
    return np.asarray((above + above.T + np.diag(np.diag(upper))) / n)


def cholesky(C: Array) -> Floats:
    """Return the lower triangle L with L Lᵀ = C, columns of 0 where a column says nothing that those before do not.

    Examples
    --------
    >>> cholesky(np.array([[4.0, 2.0, 2.0], [2.0, 1.0, 1.0], [2.0, 1.0, 2.0]])).tolist()
    [[2.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 1.0]]
    """
    d = len(C)
    L = np.zeros((d, d))
    for j in range(d):
        left = C[j, j] - np.add.reduce(L[j, :j] * L[j, :j])
        if left <= 1e-9 * C[j, j]:
            continue
        L[j, j] = np.sqrt(left)
        L[j + 1 :, j] = (C[j + 1 :, j] - np.add.reduce(L[j + 1 :, :j] * L[j, :j], axis=1)) / L[j, j]
    return L


def leading_eigenvectors(C: Array, count: int) -> tuple[Floats, Floats]:
    """Return the largest eigenvalues of a covariance, descending, and their unit eigenvectors.

    Parameters
    ----------
    C : ndarray of float64, shape (d, d)
        Symmetric, no eigenvalue below 0 but by rounding.
    count : int
        How many, from 1 to d.

    Returns
    -------
    values : ndarray of float64, shape (count,)
    vectors : ndarray of float64, shape (count, d)
        One in each row; its entry of the largest size is positive.

    Examples
    --------
    >>> values, vectors = leading_eigenvectors(np.array([[2.0, 1.0], [1.0, 2.0]]), 2)
    >>> values.round(12).tolist(), vectors[0].round(4).tolist()
    ([3.0, 1.0], [0.7071, 0.7071])
    """
    d = len(C)
    if d <= MOST_BY_JACOBI or count + _MORE >= d:
        values, vectors = jacobi(C)
    else:
        basis = _dominant_subspace(C, count, count + _MORE)
        values, within = jacobi(np.einsum("ij,kj->ik", np.einsum("ij,jk->ik", basis, C), basis))
        vectors = np.einsum("ij,jk->ik", within, basis)
    order = np.argsort(-values, kind="stable")[:count]
    values, vectors = values[order], vectors[order]
    largest = vectors[np.arange(count), np.argmax(np.abs(vectors), axis=1)]
    return values, vectors * np.where(largest < 0, -1.0, 1.0)[:, None]


# ---------------------------------------------------------------- Jacobi


def jacobi(C: Array) -> tuple[Floats, Floats]:
    """Return all eigenvalues of a symmetric matrix, in no order, and the eigenvectors, one in each row.

    A sweep rotates every pair of rows once, d/2 disjoint pairs at a time, as the rounds of a tournament are paired.

    Examples
    --------
    >>> jacobi(np.array([[2.0, 0.0], [0.0, 1.0]]))[0].tolist()
    [2.0, 1.0]
    """
    d = len(C)
    even = d + d % 2  # an odd tournament has a guest, who is never rotated: its entries are 0
    A = np.zeros((even, even))
    A[:d, :d] = C
    vectors = np.eye(even)
    for _ in range(_SWEEPS):
        if np.abs(A - np.diag(np.diag(A))).max() <= 1e-15 * np.abs(A).max():
            break
        players = np.arange(even)
        for _ in range(even - 1):
            _rotate(A, vectors, players[: even // 2], players[: even // 2 - 1 : -1])
            players[1:] = np.roll(players[1:], 1)
    return np.diag(A)[:d].copy(), vectors[:d, :d]


def _rotate(A: Floats, vectors: Floats, p: Array, q: Array) -> None:
    """Make A[p, q] = 0 by rotations of the rows and columns p and q; they are disjoint pairs."""
    difference, twice = A[q, q] - A[p, p], 2.0 * A[p, q]
    length = np.abs(difference) + np.sqrt(difference * difference + twice * twice)
    tangent = np.where(difference < 0, -twice, twice) / np.where(length > 0, length, 1.0)
    cosine = 1.0 / np.sqrt(1.0 + tangent * tangent)
    sine = tangent * cosine
    for M in (A, A.T, vectors):  # rows, columns, and what they add up to
        at_p, at_q = M[p], M[q]
        M[p] = cosine[:, None] * at_p - sine[:, None] * at_q
        M[q] = sine[:, None] * at_p + cosine[:, None] * at_q
    A[p, q] = A[q, p] = 0.0


# ---------------------------------------------------------------- subspace iteration


def _dominant_subspace(C: Array, count: int, size: int) -> Floats:
    """Return orthonormal rows near the leading eigenvectors: C is applied until `count` lengths stand still."""
    d = len(C)
    basis = _orthonormal(_scattered(size, d))[0]
    before = np.zeros(count)
    for _ in range(_STEPS):
        basis, lengths = _orthonormal(np.einsum("ij,jk->ik", basis, C))
        if np.abs(lengths[:count] - before).max() <= 1e-9 * lengths[0]:
            break
        before = lengths[:count]
    return _orthonormal(basis)[0]  # twice is enough: what the first time left is rounding


def _scattered(size: int, d: int) -> Floats:
    """Return numbers from −½ to ½ in no pattern, always the same."""
    bits = np.random.PCG64(0).random_raw(size * d) >> np.uint64(11)
    return np.asarray(bits.astype(np.float64) * 2.0**-53 - 0.5).reshape(size, d)


def _orthonormal(rows: Array) -> tuple[Floats, Floats]:
    """Return rows made orthonormal one after the other (Gram, Schmidt), and how long each was; 0 where it depended."""
    Q = np.array(rows)
    lengths = np.zeros(len(Q))
    for i in range(len(Q)):
        before = np.sqrt(np.add.reduce(rows[i] * rows[i]))
        lengths[i] = np.sqrt(np.add.reduce(Q[i] * Q[i]))
        if lengths[i] <= 1e-13 * before:
            Q[i], lengths[i] = 0.0, 0.0
            continue
        Q[i] /= lengths[i]
        Q[i + 1 :] -= np.einsum("ij,j->i", Q[i + 1 :], Q[i])[:, None] * Q[i]
    return Q, lengths
