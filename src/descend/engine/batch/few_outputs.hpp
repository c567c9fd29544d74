// A turned output layer of few nodes, as in regression and between a few classes: too thin for the tiles of a matrix
// product. Its sums are taken while the values below them are turned in registers, and its way back goes through
// weights and activation at once.
#pragma once

#include "batch/room.hpp"
#include "numbers/activations.hpp"
#include "numbers/count.hpp"
#include "numbers/transpose.hpp"

namespace descend {
namespace {

// s[j, t] += sum_i W[j, i] v[t, i] for one tile of v: SIZE rows from t on, of which the first `terms` columns count.
template <class F, int N_D, int SIZE>
INLINE void turned_terms(const typename F::T* v, int64_t v_stride, const typename F::T* W, int64_t w_stride,
                         int64_t terms, typename F::Piece (&s)[N_D]) {
  using Piece = typename F::Piece;
  Piece rows[SIZE];
  load_turned<F>(v, v_stride, rows);
#pragma GCC unroll 16
  for (int i = 0; i < SIZE; i++) {
    if (i >= terms) break;
#pragma GCC unroll 4
    for (int j = 0; j < N_D; j++) s[j] = piece_fma(W[j * w_stride + i] - Piece{}, rows[i], s[j]);
  }
}

// forward.  s[j, t] = c W[j, bias] + sum_i W[j, i] v[t, i], for a few tiles of rows side by side
template <class F, int N_D, int TILES>
void few_sums(const Weights<typename F::T>& w, const Nodes<typename F::T>& from, const Nodes<typename F::T>& to,
              int64_t t) {
  using T = typename F::T;
  using Piece = typename F::Piece;
  constexpr int SIZE = WIDTH / static_cast<int>(sizeof(T));
  const bool has_bias = w.rows > w.n_in;
  Piece s[TILES][N_D];
  for (int k = 0; k < TILES; k++)
    for (int j = 0; j < N_D; j++) s[k][j] = (has_bias ? w.W[w.at(w.n_in, j)] * w.bias : T(0)) - Piece{};
  const T* v = from.v + t * from.v_stride;
  int64_t i = 0;
  for (; i + SIZE <= w.n_in; i += SIZE)
#pragma GCC unroll 4
    for (int k = 0; k < TILES; k++)
      turned_terms<F, N_D, SIZE>(v + k * SIZE * from.v_stride + i, from.v_stride, w.W + i, w.stride, SIZE, s[k]);
  if (i < w.n_in)
    for (int k = 0; k < TILES; k++)
      turned_terms<F, N_D, SIZE>(v + k * SIZE * from.v_stride + i, from.v_stride, w.W + i, w.stride, w.n_in - i, s[k]);
  for (int k = 0; k < TILES; k++)
    for (int j = 0; j < N_D; j++) *reinterpret_cast<Piece*>(to.s + j * to.s_stride + t + k * SIZE) = s[k][j];
}

template <class T>
void few_turned_sums(const Weights<T>& w, const Nodes<T>& from, const Nodes<T>& to, int64_t rows) {
  using F = typename LanesOf<T>::F;
  constexpr int64_t SIZE = WIDTH / sizeof(T);
  with_few<FEW_OUTPUTS>(w.n_out, [&](auto count) {
    constexpr int N_D = decltype(count)::VALUE;
    int64_t t = 0;
    for (; t + SIZE < rows; t += 2 * SIZE) few_sums<F, N_D, 2>(w, from, to, t);
    if (t < rows) few_sums<F, N_D, 1>(w, from, to, t);
  });
}

// backward.  delta[t, i] = (sum_j W[j, i] delta[j, t]) sigma'(s[t, i])
template <class T>
void few_back(const Weights<T>& w, Activation sigma, bool straight_through, const Nodes<T>& from, const Nodes<T>& to,
              int64_t rows) {
  using V = typename LanesOf<T>::V;
  with_few<FEW_OUTPUTS>(w.n_out, [&](auto count) {
    constexpr int N_D = decltype(count)::VALUE;
    with_activation(sigma, straight_through, [&](auto row) {
      for (int64_t t = 0; t < rows; t++) {
        const T *s = from.s + t * from.s_stride, *v = from.v + t * from.v_stride;
        V above[N_D];
        for (int j = 0; j < N_D; j++) above[j] = V::all(to.delta[j * to.s_stride + t]);
        for (int64_t i = 0; i < w.n_in; i += V::COUNT) {
          V a = V::load(w.W + i) * above[0];
          for (int j = 1; j < N_D; j++) a = fma(V::load(w.W + j * w.stride + i), above[j], a);
          (a * row.derivative(V::load(s + i), V::load(v + i))).store(from.delta + t * from.s_stride + i);
        }
      }
    });
  });
}

}  // namespace
}  // namespace descend
