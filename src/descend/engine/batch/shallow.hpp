// Batches through a network with one hidden layer of ReLU, few inputs and few outputs, as small tables want it.
// Products of so few terms would spend their time on storing and loading; here a tile of rows goes through both layers
// in registers, and on the way back delta_1 is used where it is computed. Chains as everywhere in batches
// (contract/order.hpp).
#pragma once

#include "batch/few_outputs.hpp"
#include "batch/room.hpp"
#include "numbers/losses.hpp"

namespace descend {
namespace {

// ---------------------------------------------------------------- forward

// relu(s_1) of as many rows as there are lanes, from row t on, WIDE lines of columns from j on; turned: v[q][k] holds
// node j + q P + k of all rows. s[t, j] = c W[bias, j] + sum_i x[t, i] W[i, j]
template <class V, int WIDE>
INLINE void shallow_values(const Weights<typename V::T>& w, const Nodes<typename V::T>& in,
                           const Nodes<typename V::T>& hidden, int64_t t, int64_t j,
                           typename V::Piece (&v)[WIDE][V::COUNT]) {
  using T = typename V::T;
  constexpr int P = V::COUNT;
  const T* x = in.v + t * in.v_stride;
  V s[P][WIDE], W[WIDE];
#pragma GCC unroll 2
  for (int q = 0; q < WIDE; q++) {
    const V start = w.rows > w.n_in ? V::load(w.W + w.n_in * w.stride + j + q * P) * V::all(w.bias) : V::all(0);
#pragma GCC unroll 16
    for (int r = 0; r < P; r++) s[r][q] = start;
  }
  for (int64_t i = 0; i < w.n_in; i++) {
#pragma GCC unroll 2
    for (int q = 0; q < WIDE; q++) W[q] = V::load(w.W + i * w.stride + j + q * P);
#pragma GCC unroll 16
    for (int r = 0; r < P; r++) {
      const V value = V::all(x[r * in.v_stride + i]);
#pragma GCC unroll 2
      for (int q = 0; q < WIDE; q++) s[r][q] = fma(value, W[q], s[r][q]);
    }
  }
#pragma GCC unroll 2
  for (int q = 0; q < WIDE; q++) {
#pragma GCC unroll 16
    for (int r = 0; r < P; r++) {
      s[r][q].store(hidden.s + (t + r) * hidden.s_stride + j + q * P);
      v[q][r] = Relu::value(s[r][q]).p[0];
    }
    turn<1, P, typename LanesOf<T>::F>(v[q]);
  }
}

// s_1 and s_2 of TILES times as many rows as there are lanes: s[k, t] = c W[k, bias] + sum_j W[k, j] v[t, j]. The
// chains of one tile would wait for themselves, those of two do not.
template <class V, int N_D, int TILES>
void shallow_tiles(const Room<typename V::T>& room, int64_t t) {
  using T = typename V::T;
  constexpr int P = V::COUNT;
  const Weights<T>&first = room.weights[0], &last = room.weights[1];
  const Nodes<T>& out = room.nodes[2];
  V sums[TILES][N_D];
#pragma GCC unroll 2
  for (int q = 0; q < TILES; q++)
#pragma GCC unroll 4
    for (int k = 0; k < N_D; k++)
      sums[q][k] = V::all(last.rows > last.n_in ? last.W[last.at(last.n_in, k)] * last.bias : T(0));
  const auto lines = [&](auto wide, int64_t j) __attribute__((always_inline)) {
    constexpr int WIDE = decltype(wide)::VALUE;
#pragma GCC unroll 2
    for (int q = 0; q < TILES; q++) {
      typename V::Piece v[WIDE][P];
      shallow_values<V, WIDE>(first, room.nodes[0], room.nodes[1], t + q * P, j, v);
      const auto add = [&](int r) __attribute__((always_inline)) {
#pragma GCC unroll 4
        for (int k = 0; k < N_D; k++)
          sums[q][k] = fma(V::all(last.W[k * last.stride + j + r]), V{{v[r / P][r % P]}}, sums[q][k]);
      };
      if (j + WIDE * P <= first.n_out) {
#pragma GCC unroll 32
        for (int r = 0; r < WIDE * P; r++) add(r);
      } else {
#pragma GCC unroll 32
        for (int r = 0; r < WIDE * P; r++)
          if (j + r < first.n_out) add(r);
      }
    }
  };
  int64_t j = 0;
  if constexpr (P == 8)
    for (; j + P < first.n_out; j += 2 * P) lines(Count<2>{}, j);
  for (; j < first.n_out; j += P) lines(Count<1>{}, j);
#pragma GCC unroll 2
  for (int q = 0; q < TILES; q++)
#pragma GCC unroll 4
    for (int k = 0; k < N_D; k++) sums[q][k].store(out.s + k * out.s_stride + t + q * P);
}

// Both layers' sums, from the rows in the room; their number may end within a tile.
template <class T>
void shallow_sums(const Room<T>& room, int64_t rows) {
  using V = typename LanesOf<T>::V;
  constexpr int64_t P = V::COUNT;
  with_few<FEW_OUTPUTS>(room.weights[1].n_out, [&](auto count) {
    constexpr int N_D = decltype(count)::VALUE;
    int64_t t = 0;
    for (; t + P < rows; t += 2 * P) shallow_tiles<V, N_D, 2>(room, t);
    if (t < rows) shallow_tiles<V, N_D, 1>(room, t);
  });
}

// ---------------------------------------------------------------- backward

// Gradients of a line of columns from j on, of all ROWS rows of W_0 and of all outputs of W_1, going on from the chunk
// before: delta_1[t, j] = (sum_k W[k, j] delta[k, t]) relu'(s[t, j]);
// dL_dW_0[i, j] = sum_t x[t, i] delta_1[t, j];  dL_dW_1[k, j] = sum_t delta[k, t] relu(s[t, j])
// BIAS: and of the bias entries of W_1, which have Lanes of their own.
template <class V, int ROWS, int N_D, bool BIAS>
INLINE void shallow_gradient(const Room<typename V::T>& room, int64_t rows, bool first_chunk, int64_t j) {
  using T = typename V::T;
  const Weights<T>&first = room.weights[0], &last = room.weights[1];
  const Nodes<T>&in = room.nodes[0], &hidden = room.nodes[1], &out = room.nodes[2];
  V below[ROWS], above[N_D], W[N_D], biases[N_D];
  const V bias = V::load(hidden.v + hidden.bias_at);
#pragma GCC unroll 9
  for (int i = 0; i < ROWS; i++) below[i] = first_chunk ? V::all(0) : V::load(first.gradient + i * first.stride + j);
#pragma GCC unroll 4
  for (int k = 0; k < N_D; k++) {
    above[k] = first_chunk ? V::all(0) : V::load(last.gradient + k * last.stride + j);
    W[k] = V::load(last.W + k * last.stride + j);
    if constexpr (BIAS) biases[k] = first_chunk ? V::all(0) : V::load(last.gradient + k * last.stride + hidden.bias_at);
  }
  for (int64_t t = 0; t < rows; t++) {
    const T *x = in.v + t * in.v_stride, *delta = out.delta + t;
    const V s = V::load(hidden.s + t * hidden.s_stride + j), v = Relu::value(s);
    V a = W[0] * V::all(delta[0]);
#pragma GCC unroll 4
    for (int k = 1; k < N_D; k++) a = fma(W[k], V::all(delta[k * out.s_stride]), a);
#pragma GCC unroll 4
    for (int k = 0; k < N_D; k++) {
      const V one = V::all(delta[k * out.s_stride]);
      above[k] = fma(one, v, above[k]);
      if constexpr (BIAS) biases[k] = fma(one, bias, biases[k]);
    }
    a = a * Relu::derivative(s, v);
#pragma GCC unroll 9
    for (int i = 0; i < ROWS; i++) below[i] = fma(V::all(x[i]), a, below[i]);
  }
#pragma GCC unroll 9
  for (int i = 0; i < ROWS; i++) below[i].store(first.gradient + i * first.stride + j);
#pragma GCC unroll 4
  for (int k = 0; k < N_D; k++) {
    above[k].store(last.gradient + k * last.stride + j);
    if constexpr (BIAS) biases[k].store(last.gradient + k * last.stride + hidden.bias_at);
  }
}

// The gradients of both layers, from delta_2 of a chunk.
template <class T>
void shallow_gradients(const Room<T>& room, int64_t rows, bool first_chunk) {
  using V = typename LanesOf<T>::V;
  const Weights<T>&first = room.weights[0], &last = room.weights[1];
  with_few<FEW_OUTPUTS>(last.n_out, [&](auto outputs) {
    with_few<FEW_ROWS>(first.rows, [&](auto count) {
      constexpr int N_D = decltype(outputs)::VALUE, ROWS = decltype(count)::VALUE;
      int64_t j = 0;
      if (last.rows > last.n_in) shallow_gradient<V, ROWS, N_D, true>(room, rows, first_chunk, j), j += V::COUNT;
      for (; j < first.n_out; j += V::COUNT) shallow_gradient<V, ROWS, N_D, false>(room, rows, first_chunk, j);
    });
  });
}

}  // namespace
}  // namespace descend
