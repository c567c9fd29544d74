// Sums over the lanes of a line, folded in halves: a_q = a_q + a_(q + h), h = p/2 ... 1, then a_0. Sixteen rows (eight
// in float64) are folded together, as a transpose that adds: after the stage of h, lanes whose number has bit h belong
// to the row that is h further down.
#pragma once

#include "numbers/transpose.hpp"

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

// ---------------------------------------------------------------- one line

#if defined(__AVX2__)
// Halves of halves, in registers that get narrower.
INLINE float fold_piece(__m128 a) {
  a = _mm_add_ps(a, _mm_movehl_ps(a, a));
  return _mm_cvtss_f32(_mm_add_ss(a, _mm_movehdup_ps(a)));
}
INLINE double fold_piece(__m128d a) { return _mm_cvtsd_f64(_mm_add_sd(a, _mm_unpackhi_pd(a, a))); }
INLINE float fold_piece(__m256 a) {
  return fold_piece(_mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1)));
}
INLINE double fold_piece(__m256d a) {
  return fold_piece(_mm_add_pd(_mm256_castpd256_pd128(a), _mm256_extractf128_pd(a, 1)));
}
#if defined(__AVX512F__)
INLINE float fold_piece(__m512 a) {
  return fold_piece(_mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1)));
}
INLINE double fold_piece(__m512d a) {
  return fold_piece(_mm256_add_pd(_mm512_castpd512_pd256(a), _mm512_extractf64x4_pd(a, 1)));
}
#endif
#else
template <class Piece>
INLINE auto fold_piece(Piece a) {
  constexpr int SIZE = sizeof(a) / sizeof(a[0]);
#pragma GCC unroll 4
  for (int h = SIZE / 2; h > 0; h /= 2)
#pragma GCC unroll 4
    for (int k = 0; k < h; k++) a[k] = a[k] + a[k + h];
  return a[0] + 0;
}
#endif

// The folded sum of one line.
template <class V>
INLINE typename V::T fold(V a) {
  return fold_piece(fold_pieces(a));
}

}  // namespace
}  // namespace descend
