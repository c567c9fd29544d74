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

// relu(s_1) of SIZE rows, as many as a piece has lanes, from row t on, WIDE pieces of columns from j on; turned:
// v[q][k] holds node j + q SIZE + k of all rows. s[t, j] = c W[bias, j] + sum_i x[t, i] W[i, j]
template <class F, int WIDE, int SIZE>
INLINE void shallow_values(const Weights<typename F::T>& w, const Nodes<typename F::T>& in,
                           const Nodes<typename F::T>& hidden, int64_t t, int64_t j,
                           typename F::Piece (&v)[WIDE][SIZE]) {
  using T = typename F::T;
  using Piece = typename F::Piece;
  const T* x = in.v + t * in.v_stride;
  const auto at = [&](int64_t i, int q) __attribute__((always_inline)) {
    return *reinterpret_cast<const Piece*>(w.W + i * w.stride + j + q * SIZE);
  };
  Piece s[SIZE][WIDE], W[WIDE];
#pragma GCC unroll 2
  for (int q = 0; q < WIDE; q++) {
    const Piece start = w.rows > w.n_in ? at(w.n_in, q) * (w.bias - Piece{}) : Piece{};
#pragma GCC unroll 16
    for (int r = 0; r < SIZE; r++) s[r][q] = start;
  }
  for (int64_t i = 0; i < w.n_in; i++) {
#pragma GCC unroll 2
    for (int q = 0; q < WIDE; q++) W[q] = at(i, q);
#pragma GCC unroll 16
    for (int r = 0; r < SIZE; r++) {
      const Piece value = x[r * in.v_stride + i] - Piece{};
#pragma GCC unroll 2
      for (int q = 0; q < WIDE; q++) s[r][q] = piece_fma(value, W[q], s[r][q]);
    }
  }
#pragma GCC unroll 2
  for (int q = 0; q < WIDE; q++) {
#pragma GCC unroll 16
    for (int r = 0; r < SIZE; r++) {
      *reinterpret_cast<Piece*>(hidden.s + (t + r) * hidden.s_stride + j + q * SIZE) = s[r][q];
      v[q][r] = larger(Piece{}, s[r][q]);
    }
    turn<1, SIZE, F>(v[q]);
  }
}

// s_1 and s_2 of TILES times SIZE rows: s[k, t] = c W[k, bias] + sum_j W[k, j] v[t, j]. The chains of one tile would
// wait for themselves, those of two do not.
template <class F, int N_D, int TILES>
void shallow_tiles(const Room<typename F::T>& room, int64_t t) {
  using T = typename F::T;
  using Piece = typename F::Piece;
  constexpr int SIZE = WIDTH / static_cast<int>(sizeof(T));
  const Weights<T>&first = room.weights[0], &last = room.weights[1];
  const Nodes<T>& out = room.nodes[2];
  Piece sums[TILES][N_D];
#pragma GCC unroll 2
  for (int q = 0; q < TILES; q++)
#pragma GCC unroll 4
    for (int k = 0; k < N_D; k++)
      sums[q][k] = (last.rows > last.n_in ? last.W[last.at(last.n_in, k)] * last.bias : T(0)) - Piece{};
  const auto pieces = [&](auto wide, int64_t j) __attribute__((always_inline)) {
    constexpr int WIDE = decltype(wide)::VALUE;
#pragma GCC unroll 2
    for (int q = 0; q < TILES; q++) {
      Piece v[WIDE][SIZE];
      shallow_values<F, WIDE, SIZE>(first, room.nodes[0], room.nodes[1], t + q * SIZE, j, v);
      const auto add = [&](int r) __attribute__((always_inline)) {
#pragma GCC unroll 4
        for (int k = 0; k < N_D; k++)
          sums[q][k] = piece_fma(last.W[k * last.stride + j + r] - Piece{}, v[r / SIZE][r % SIZE], sums[q][k]);
      };
      if (j + WIDE * SIZE <= first.n_out) {
#pragma GCC unroll 32
        for (int r = 0; r < WIDE * SIZE; r++) add(r);
      } else {
#pragma GCC unroll 32
        for (int r = 0; r < WIDE * SIZE; r++)
          if (j + r < first.n_out) add(r);
      }
    }
  };
  int64_t j = 0;
  if constexpr (PIECES == 1 && SIZE == 8)
    for (; j + SIZE < first.n_out; j += 2 * SIZE) pieces(Count<2>{}, j);
  for (; j < first.n_out; j += SIZE) pieces(Count<1>{}, j);
#pragma GCC unroll 2
  for (int q = 0; q < TILES; q++)
#pragma GCC unroll 4
    for (int k = 0; k < N_D; k++) *reinterpret_cast<Piece*>(out.s + k * out.s_stride + t + q * SIZE) = sums[q][k];
}

// Both layers' sums, from the rows in the room; their number may end within a tile.
template <class T>
void shallow_sums(const Room<T>& room, int64_t rows) {
  constexpr int64_t SIZE = WIDTH / sizeof(T);
  with_few<shallow_outputs(PIECES)>(room.weights[1].n_out, [&](auto count) {
    constexpr int N_D = decltype(count)::VALUE;
    using F = typename LanesOf<T>::F;
    int64_t t = 0;
    for (; t + SIZE < rows; t += 2 * SIZE) shallow_tiles<F, N_D, 2>(room, t);
    if (t < rows) shallow_tiles<F, N_D, 1>(room, t);
  });
}

// ---------------------------------------------------------------- backward

// Gradients of a piece of columns from j on, of all ROWS rows of W_0 and of all outputs of W_1, going on from the chunk
// before: delta_1[t, j] = (sum_k W[k, j] delta[k, t]) relu'(s[t, j]);
// dL_dW_0[i, j] = sum_t x[t, i] delta_1[t, j];  dL_dW_1[k, j] = sum_t delta[k, t] relu(s[t, j])
// BIAS: and of piece j of the bias entries of W_1, which have Lanes of their own.
template <class F, int ROWS, int N_D, bool BIAS>
INLINE void shallow_gradient(const Room<typename F::T>& room, int64_t rows, bool first_chunk, int64_t j) {
  using T = typename F::T;
  using Piece = typename F::Piece;
  const Weights<T>&first = room.weights[0], &last = room.weights[1];
  const Nodes<T>&in = room.nodes[0], &hidden = room.nodes[1], &out = room.nodes[2];
  const auto piece = [](T* at) __attribute__((always_inline)) -> Piece& { return *reinterpret_cast<Piece*>(at); };
  const auto before = [&](T* at) __attribute__((always_inline)) { return first_chunk ? Piece{} : piece(at); };
  T *const of_first = first.gradient + j, *const of_last = last.gradient + j, *const of_bias = of_last + hidden.bias_at;
  Piece below[ROWS], above[N_D], W[N_D], biases[N_D];
  const Piece bias = piece(hidden.v + hidden.bias_at + (BIAS ? j : 0)), one = T(1) - Piece{};
#pragma GCC unroll 9
  for (int i = 0; i < ROWS; i++) below[i] = before(of_first + i * first.stride);
#pragma GCC unroll 4
  for (int k = 0; k < N_D; k++) {
    above[k] = before(of_last + k * last.stride), W[k] = piece(last.W + k * last.stride + j);
    if constexpr (BIAS) biases[k] = before(of_bias + k * last.stride);
  }
  for (int64_t t = 0; t < rows; t++) {
    const T *x = in.v + t * in.v_stride, *delta = out.delta + t;
    const Piece s = piece(hidden.s + t * hidden.s_stride + j), v = larger(Piece{}, s);
    Piece a = W[0] * (delta[0] - Piece{});
#pragma GCC unroll 4
    for (int k = 1; k < N_D; k++) a = piece_fma(W[k], delta[k * out.s_stride] - Piece{}, a);
#pragma GCC unroll 4
    for (int k = 0; k < N_D; k++) {
      const Piece d = delta[k * out.s_stride] - Piece{};
      above[k] = piece_fma(d, v, above[k]);
      if constexpr (BIAS) biases[k] = piece_fma(d, bias, biases[k]);
    }
    a = a * (s >= Piece{} ? one : Piece{});
#pragma GCC unroll 9
    for (int i = 0; i < ROWS; i++) below[i] = piece_fma(x[i] - Piece{}, a, below[i]);
  }
#pragma GCC unroll 9
  for (int i = 0; i < ROWS; i++) piece(of_first + i * first.stride) = below[i];
#pragma GCC unroll 4
  for (int k = 0; k < N_D; k++) {
    piece(of_last + k * last.stride) = above[k];
    if constexpr (BIAS) piece(of_bias + k * last.stride) = biases[k];
  }
}

// The gradients of both layers, from delta_2 of a chunk; all pieces of the last Lanes, for the optimiser takes them
// too.
template <class T>
void shallow_gradients(const Room<T>& room, int64_t rows, bool first_chunk) {
  using F = typename LanesOf<T>::F;
  constexpr int64_t SIZE = WIDTH / sizeof(T), LANES_OF_BIAS = 64 / sizeof(T);
  const Weights<T>&first = room.weights[0], &last = room.weights[1];
  const int64_t columns = padded<T>(first.n_out);
  with_few<shallow_outputs(PIECES)>(last.n_out, [&](auto outputs) {
    with_few<FEW_ROWS>(first.rows, [&](auto count) {
      constexpr int N_D = decltype(outputs)::VALUE, ROWS = decltype(count)::VALUE;
      int64_t j = 0;
      if (last.rows > last.n_in)
        for (; j < LANES_OF_BIAS; j += SIZE) shallow_gradient<F, ROWS, N_D, true>(room, rows, first_chunk, j);
      for (; j < columns; j += SIZE) shallow_gradient<F, ROWS, N_D, false>(room, rows, first_chunk, j);
    });
  });
}

}  // namespace
}  // namespace descend
