// Layer 0 of a block of single-sample rounds at the speed of matrix products. The weights of layer 0 stand still for
// the whole block; what they would have learnt since its start is added to each sample's sums:
//
//   s_t = W_t^T x_t,  W_t = w_t W + v_t V + sum_(u<t) z_(t,u) x_u d_u^T
//       = w_t (W^T x_t) + v_t (V^T x_t) + sum_(u<t) (z_(t,u) x_u . x_t) d_u                  (and so for the bias row)
//
// X W, X V and the Gram matrix X X^T are products of matrices, done ahead; so is the step of W at the end.
#pragma once

#include "batch/forward.hpp"
#include "block/room.hpp"
#include "numbers/fold.hpp"
#include "numbers/product.hpp"

namespace descend {
namespace {

// ---------------------------------------------------------------- ahead of the rounds

// Inputs of the block, rows padded with zeros.
template <class T>
void gather_block(const BlockRoom<T>& room, const T* X, int64_t n_0, const uint32_t* samples, int64_t n) {
  for (int64_t t = 0; t < n; t++) {
    T* row = room.X + t * room.x_stride;
    copy_row(X + samples[t] * n_0, n_0, row);
    for (int64_t i = n_0; i < room.x_stride; i++) row[i] = 0;
  }
}

// gram[t, u] = x_t . x_u for u <= t: lanes q are chains over i = q, q + p, ...; a square of them is folded at once.
template <class V>
void gram_square(const BlockRoom<typename V::T>& room, int64_t t, int64_t u, int64_t n) {
  using T = typename V::T;
  constexpr int SIDE = V::COUNT == 16 ? 4 : 2;  // SIDE^2 <= lanes
  constexpr int64_t P = V::COUNT;
  V a[SIDE][SIDE];
  const T *rows[SIDE], *columns[SIDE];
#pragma GCC unroll 4
  for (int r = 0; r < SIDE; r++) {
    rows[r] = room.X + (t + r < n ? t + r : n - 1) * room.x_stride;
    columns[r] = room.X + (u + r < n ? u + r : n - 1) * room.x_stride;
#pragma GCC unroll 4
    for (int k = 0; k < SIDE; k++) a[r][k] = V::all(0);
  }
  for (int64_t i = 0; i < room.x_stride; i += P) {
    V column[SIDE];
#pragma GCC unroll 4
    for (int k = 0; k < SIDE; k++) column[k] = V::load(columns[k] + i);
#pragma GCC unroll 4
    for (int r = 0; r < SIDE; r++) {
      const V row = V::load(rows[r] + i);
#pragma GCC unroll 4
      for (int k = 0; k < SIDE; k++) a[r][k] = fma(row, column[k], a[r][k]);
    }
  }
  alignas(64) T dots[P];
  fold_rows<V>([&](int r) __attribute__((always_inline)) {
    return r < SIDE * SIDE ? a[r / SIDE][r % SIDE] : V::all(0);
  }).store(dots);
  for (int r = 0; r < SIDE && t + r < n; r++)
    for (int k = 0; k < SIDE && u + k < n; k++) room.gram[(t + r) * room.gram_stride + u + k] = dots[r * SIDE + k];
}

template <class T>
void gram_matrix(const BlockRoom<T>& room, int64_t n) {
  using V = typename LanesOf<T>::V;
  constexpr int64_t SIDE = V::COUNT == 16 ? 4 : 2;
  for (int64_t t = 0; t < n; t += SIDE)
    for (int64_t u = 0; u <= t; u += SIDE) gram_square<V>(room, t, u, n);
}

// sums[t, j] = sum_i x[t, i] W[i, j], one chain from 0
template <class T>
void block_product(const BlockRoom<T>& room, const T* W, int64_t n, T* sums) {
  const SingleLayer<T>& w = room.single.layers[0];
  const Start<T> zero{Start<T>::NUMBER, nullptr, 0, T(0)};
  multiply<T>({room.X, room.x_stride, 1, W, w.stride, sums, room.stride, n, w.columns, w.n_in, zero});
}

// The multiple of each x_u . x_t that d_u gets in s_t: z x_u . x_t + z_bias c^2
template <class T>
void weigh_gram(const BlockRoom<T>& room, int64_t n, bool plain) {
  const SingleLayer<T>& w = room.single.layers[0];
  const T c2 = w.has_bias ? w.bias * w.bias : T(0);
  for (int64_t t = 1; t < n; t++) {
    T* row = room.gram + t * room.gram_stride;
    if (plain)
      for (int64_t u = 0; u < t; u++) row[u] = row[u] + c2;
    else
      for (int64_t u = 0; u < t; u++) row[u] = room.weights.z_w(t)[u] * row[u] + room.biases.z_w(t)[u] * c2;
  }
}

// What the block's start gives to each s_t: w (W^T x_t) + v (V^T x_t) + c (w_bias W[bias] + v_bias V[bias])
template <class T>
void start_sums(const BlockRoom<T>& room, int64_t n, bool plain, bool has_velocity) {
  using V = typename LanesOf<T>::V;
  const SingleLayer<T>& w = room.single.layers[0];
  for (int64_t t = 0; t < n; t++) {
    const T *of_w = room.weights.w(t), *of_bias = room.biases.w(t);
    T* sums = room.sums + t * room.stride;
    for (int64_t j = 0; j < room.stride; j += V::COUNT) {
      V s = V::load(sums + j);
      if (!plain) s = V::all(of_w[0]) * s;
      if (has_velocity) s = fma(V::all(of_w[1]), V::load(room.velocity_sums + t * room.stride + j), s);
      if (w.has_bias) {
        s = fma(V::all(plain ? w.bias : w.bias * of_bias[0]), V::load(w.bias_row.w + j), s);
        if (has_velocity) s = fma(V::all(w.bias * of_bias[1]), V::load(w.bias_row.m + j), s);
      }
      s.store(sums + j);
    }
  }
}

// ---------------------------------------------------------------- a round

// s[j] = sums[t, j] + sum_(u<t) gram[t, u] d[u, j] for LINES lines from j on
template <class V, int LINES>
INLINE void block_sums_tile(const BlockRoom<typename V::T>& room, int64_t t, int64_t j) {
  using T = typename V::T;
  constexpr int64_t P = V::COUNT;
  V a[LINES];
#pragma GCC unroll 8
  for (int q = 0; q < LINES; q++) a[q] = V::load(room.sums + t * room.stride + j + q * P);
  const T *gram = room.gram + t * room.gram_stride, *d = room.d + j;
  for (int64_t u = 0; u < t; u++, d += room.stride) {
    const V g = V::all(gram[u]);
#pragma GCC unroll 8
    for (int q = 0; q < LINES; q++) a[q] = fma(g, V::load(d + q * P), a[q]);
  }
#pragma GCC unroll 8
  for (int q = 0; q < LINES; q++) store_sums(room.single.layers[0], j + q * P, a[q]);
}

template <class V, int LINES>
INLINE void block_sums(const BlockRoom<typename V::T>& room, int64_t t, int64_t j) {
  for (; j + LINES * V::COUNT <= room.stride; j += LINES * V::COUNT) block_sums_tile<V, LINES>(room, t, j);
  if constexpr (LINES > 1) {
    if (j < room.stride) block_sums<V, LINES / 2>(room, t, j);
  }
}

// ---------------------------------------------------------------- the step of layer 0 at the end

// to[u, j] = z[u] d[u, j]
template <class T>
void scale_block(const BlockRoom<T>& room, const T* z, int64_t n) {
  using V = typename LanesOf<T>::V;
  for (int64_t u = 0; u < n; u++)
    for (int64_t j = 0; j < room.stride; j += V::COUNT)
      (V::all(z[u]) * V::load(room.d + u * room.stride + j)).store(room.scaled_d + u * room.stride + j);
}

// W[i, j] += sum_u x[u, i] d[u, j], one chain from W[i, j]
template <class T>
void add_outer_products(const BlockRoom<T>& room, T* W, const T* d, int64_t n) {
  const SingleLayer<T>& w = room.single.layers[0];
  const Start<T> before{Start<T>::MATRIX, W, w.stride, T(1)};
  multiply<T>({room.X, 1, room.x_stride, d, room.stride, W, w.stride, w.n_in, w.columns, n, before});
}

// bias[j] += sum_u c d[u, j]
template <class T>
void add_bias_products(const BlockRoom<T>& room, T* row, const T* d, int64_t n) {
  using V = typename LanesOf<T>::V;
  const V c = V::all(room.single.layers[0].bias);
  for (int64_t j = 0; j < room.stride; j += V::COUNT) {
    V a = V::load(row + j);
    for (int64_t u = 0; u < n; u++) a = fma(c, V::load(d + u * room.stride + j), a);
    a.store(row + j);
  }
}

// (W, V) = R (W, V), entry by entry
template <class T>
void mix(const WeightsAndMoments<T>& place, int64_t count, const T* of_w, const T* of_v, bool has_velocity) {
  using V = typename LanesOf<T>::V;
  for (int64_t i = 0; i < count; i += V::COUNT) {
    const V w = V::load(place.w + i);
    V mixed = V::all(of_w[0]) * w;
    if (has_velocity) {
      const V v = V::load(place.m + i);
      mixed = fma(V::all(of_w[1]), v, mixed);
      fma(V::all(of_v[0]), w, V::all(of_v[1]) * v).store(place.m + i);
    }
    mixed.store(place.w + i);
  }
}

// All n rounds of the block, for W_0 and its bias row.
template <class T>
void step_block(const BlockRoom<T>& room, int64_t n, bool plain, bool has_velocity) {
  const SingleLayer<T>& w = room.single.layers[0];
  if (n == 0) return;
  if (plain) {
    add_outer_products(room, w.weights.w, room.d, n);
    if (w.has_bias) add_bias_products(room, w.bias_row.w, room.d, n);
    return;
  }
  mix(w.weights, padded<T>(w.n_in) * w.stride, room.weights.w(n), room.weights.v(n), has_velocity);
  scale_block(room, room.weights.z_w(n), n);
  add_outer_products(room, w.weights.w, room.scaled_d, n);
  if (has_velocity) {
    scale_block(room, room.weights.z_v(n), n);
    add_outer_products(room, w.weights.m, room.scaled_d, n);
  }
  if (!w.has_bias) return;
  mix(w.bias_row, room.stride, room.biases.w(n), room.biases.v(n), has_velocity);
  scale_block(room, room.biases.z_w(n), n);
  add_bias_products(room, w.bias_row.w, room.scaled_d, n);
  if (!has_velocity) return;
  scale_block(room, room.biases.z_v(n), n);
  add_bias_products(room, w.bias_row.m, room.scaled_d, n);
}

}  // namespace
}  // namespace descend
