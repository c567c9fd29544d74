// Batches through a network with one hidden layer of ReLU, few inputs and few outputs, as small tables want it.
// Products of so few terms would spend their time on storing and loading; here a tile of rows goes through both layers
// in registers, and on the way back delta_1 is used where it is computed. Chains as everywhere in batches (order.hpp).
#pragma once

#include "few_outputs.hpp"
#include "losses.hpp"
#include "room.hpp"

namespace descend {
namespace {

// ---------------------------------------------------------------- forward

// relu(s_1) of as many rows as there are lanes, from row t on, P columns from j on; turned: v[j] holds node j of all
// rows. s[t, j] = c W[bias, j] + sum_i x[t, i] W[i, j]
template <class V>
INLINE void shallow_values(const Weights<typename V::T>& w, const Nodes<typename V::T>& in,
                           const Nodes<typename V::T>& hidden, int64_t t, int64_t j, typename V::Piece (&v)[V::COUNT]) {
  using T = typename V::T;
  constexpr int P = V::COUNT;
  const T* x = in.v + t * in.v_stride;
  V s[P];
  const V start = w.rows > w.n_in ? V::load(w.W + w.n_in * w.stride + j) * V::all(w.bias) : V::all(0);
#pragma GCC unroll 16
  for (int r = 0; r < P; r++) s[r] = start;
  for (int64_t i = 0; i < w.n_in; i++) {
    const V W = V::load(w.W + i * w.stride + j);
#pragma GCC unroll 16
    for (int r = 0; r < P; r++) s[r] = fma(V::all(x[r * in.v_stride + i]), W, s[r]);
  }
#pragma GCC unroll 16
  for (int r = 0; r < P; r++) {
    s[r].store(hidden.s + (t + r) * hidden.s_stride + j);
    v[r] = Relu::value(s[r]).p[0];
  }
  turn<1, P, typename LanesOf<T>::F>(v);
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
  for (int64_t j = 0; j < first.n_out; j += P) {
    const T* W = last.W + j;
    const int64_t left = first.n_out - j;
#pragma GCC unroll 2
    for (int q = 0; q < TILES; q++) {
      typename V::Piece v[P];
      shallow_values<V>(first, room.nodes[0], room.nodes[1], t + q * P, j, v);
#pragma GCC unroll 16
      for (int r = 0; r < P; r++) {
        if (r >= left) break;
#pragma GCC unroll 4
        for (int k = 0; k < N_D; k++) sums[q][k] = fma(V::all(W[k * last.stride + r]), V{{v[r]}}, sums[q][k]);
      }
    }
  }
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
    constexpr int N_D = decltype(count)::N_D;
    int64_t t = 0;
    for (; t + P < rows; t += 2 * P) shallow_tiles<V, N_D, 2>(room, t);
    if (t < rows) shallow_tiles<V, N_D, 1>(room, t);
  });
}

// ---------------------------------------------------------------- backward

// Gradients of a line of columns from j on, of all ROWS rows of W_0 and of all outputs of W_1, going on from the chunk
// before: delta_1[t, j] = (sum_k W[k, j] delta[k, t]) relu'(s[t, j]);
// dL_dW_0[i, j] = sum_t x[t, i] delta_1[t, j];  dL_dW_1[k, j] = sum_t delta[k, t] relu(s[t, j])
template <class V, int ROWS, int N_D>
INLINE void shallow_gradient(const Room<typename V::T>& room, int64_t rows, bool first_chunk, int64_t j) {
  using T = typename V::T;
  const Weights<T>&first = room.weights[0], &last = room.weights[1];
  const Nodes<T>&in = room.nodes[0], &hidden = room.nodes[1], &out = room.nodes[2];
  V below[ROWS], above[N_D], W[N_D];
#pragma GCC unroll 9
  for (int i = 0; i < ROWS; i++) below[i] = first_chunk ? V::all(0) : V::load(first.gradient + i * first.stride + j);
#pragma GCC unroll 4
  for (int k = 0; k < N_D; k++) {
    above[k] = first_chunk ? V::all(0) : V::load(last.gradient + k * last.stride + j);
    W[k] = V::load(last.W + k * last.stride + j);
  }
  for (int64_t t = 0; t < rows; t++) {
    const T *x = in.v + t * in.v_stride, *delta = out.delta + t;
    const V s = V::load(hidden.s + t * hidden.s_stride + j), v = Relu::value(s);
    V a = W[0] * V::all(delta[0]);
#pragma GCC unroll 4
    for (int k = 1; k < N_D; k++) a = fma(W[k], V::all(delta[k * out.s_stride]), a);
#pragma GCC unroll 4
    for (int k = 0; k < N_D; k++) above[k] = fma(V::all(delta[k * out.s_stride]), v, above[k]);
    a = a * Relu::derivative(s, v);
#pragma GCC unroll 9
    for (int i = 0; i < ROWS; i++) below[i] = fma(V::all(x[i]), a, below[i]);
  }
#pragma GCC unroll 9
  for (int i = 0; i < ROWS; i++) below[i].store(first.gradient + i * first.stride + j);
#pragma GCC unroll 4
  for (int k = 0; k < N_D; k++) above[k].store(last.gradient + k * last.stride + j);
}

// dL_dW_1[k, bias], in Lanes of their own.
template <class T>
void shallow_bias_gradient(const Weights<T>& last, const Nodes<T>& hidden, const Nodes<T>& out, int64_t rows,
                           bool first_chunk) {
  using V = typename LanesOf<T>::V;
  if (last.rows == last.n_in) return;
  const V bias = V::load(hidden.v + hidden.bias_at);
  for (int64_t k = 0; k < last.n_out; k++) {
    T* const at = last.gradient + k * last.stride + hidden.bias_at;
    V a = first_chunk ? V::all(0) : V::load(at);
    for (int64_t t = 0; t < rows; t++) a = fma(V::all(out.delta[k * out.s_stride + t]), bias, a);
    a.store(at);
  }
}

// The gradients of both layers, from delta_2 of a chunk.
template <class T>
void shallow_gradients(const Room<T>& room, int64_t rows, bool first_chunk) {
  using V = typename LanesOf<T>::V;
  const Weights<T>& last = room.weights[1];
  const Nodes<T>&hidden = room.nodes[1], &out = room.nodes[2];
  with_few<FEW_OUTPUTS>(last.n_out, [&](auto outputs) {
    with_few<FEW_ROWS>(room.weights[0].rows, [&](auto count) {
      for (int64_t j = 0; j < room.weights[0].n_out; j += V::COUNT)
        shallow_gradient<V, decltype(count)::N_D, decltype(outputs)::N_D>(room, rows, first_chunk, j);
    });
  });
  shallow_bias_gradient(last, hidden, out, rows, first_chunk);
}

}  // namespace
}  // namespace descend
