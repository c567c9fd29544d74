// Sums over the lanes of a line, folded in halves: a_q = a_q + a_(q + h), h = p/2 ... 1, then a_0. Sixteen rows (eight
// in float64) are folded together, as a transpose that adds: after the stage of h, lanes whose number has bit h belong
// to the row that is h further down.
#pragma once

#include "transpose.hpp"

namespace descend {
namespace {

template <class V>
struct FoldOf;
template <class F_>
struct FoldOf<Lanes<F_>> {
  using F = F_;
  using Piece = typename F::Piece;
  static constexpr int SIZE = WIDTH / static_cast<int>(sizeof(typename F::T));  // lanes of a piece
};

// The stages that join pieces.
template <class V>
INLINE typename V::Piece fold_pieces(V a) {
#pragma GCC unroll 4
  for (int h = PIECES / 2; h > 0; h /= 2)
#pragma GCC unroll 4
    for (int k = 0; k < h; k++) a.p[k] = a.p[k] + a.p[k + h];
  return a.p[0];
}

// The stages H ... 1 of rows whose numbers are `row` plus multiples of H' < H; row_sum(r) is a line of lanes.
template <class V, int H, class RowSum>
INLINE typename V::Piece fold_stages(const RowSum& row_sum, int row) {
  using F = typename FoldOf<V>::F;
  constexpr int SIZE = FoldOf<V>::SIZE;
  if constexpr (H == SIZE) {
    return fold_pieces(row_sum(row));
  } else {
    typename V::Piece a = fold_stages<V, 2 * H>(row_sum, row), b = fold_stages<V, 2 * H>(row_sum, row + H);
    Stage<H, SIZE>::exchange(a, b, static_cast<F*>(nullptr));
    return a + b;
  }
}

// Lane r of the result: the folded sum of row_sum(r), r = 0 ... p-1.
template <class V, class RowSum>
INLINE V fold_rows(const RowSum& row_sum) {
  V r;
#pragma GCC unroll 4
  for (int k = 0; k < PIECES; k++) r.p[k] = fold_stages<V, 1>(row_sum, k * FoldOf<V>::SIZE);
  return r;
}

template <class F, int H, int SIZE>
INLINE typename F::Piece fold_piece(typename F::Piece a) {
  if constexpr (H == 0) {
    return a;
  } else {
    typename F::Piece b = a;
    Stage<H, SIZE>::exchange(a, b, static_cast<F*>(nullptr));
    return fold_piece<F, H / 2, SIZE>(a + b);
  }
}

// The folded sum of one line.
template <class V>
INLINE typename V::T fold(V a) {
  constexpr int SIZE = FoldOf<V>::SIZE;
  return fold_piece<typename FoldOf<V>::F, SIZE / 2, SIZE>(fold_pieces(a))[0];
}

}  // namespace
}  // namespace descend
