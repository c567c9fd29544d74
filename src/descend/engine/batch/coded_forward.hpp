// The first layer of a chunk of rows whose inputs come by index (contract/order.hpp). batch/coded_backward.hpp is its
// mirror.
//
//   s[t, j] = c W[bias, j] + sum over numbers x[t, i] W[i, j] + sum over fields, b the code of row t:
//     one-hot  value W[first + b, j]
//     ramps    P[b, j] + z[t] W[first + b, j],  P[b] = the rows of W before first + b, summed up
#pragma once

#include "batch/room.hpp"
#include "numbers/product.hpp"

namespace descend {
namespace {

// Lanes of columns that go through all rows and fields before the next: their sums stay in the nearest cache.
constexpr int STRIP = PIECES == 1 ? 4 : 2;

// s of the rows that have a code, WIDE Lanes from column j on. `size`: the front scale of the field's columns, or null.
template <class V, int WIDE>
void add_one_hot(const CodedRows<typename V::T>& of, const typename V::T* W, int64_t stride, const typename V::T* size,
                 typename V::T* s, int64_t s_stride) {
  using T = typename V::T;
  for (int64_t k = 0; k < of.there; k++) {
    const T* row = W + of.code[k] * stride;
    T* sums = s + of.row[k] * s_stride;
    const V factor = V::all(size ? of.factor[k] * size[of.code[k]] : of.factor[k]);
#pragma GCC unroll 4
    for (int w = 0; w < WIDE; w++)
      fma(factor, V::load(row + w * V::COUNT), V::load(sums + w * V::COUNT)).store(sums + w * V::COUNT);
  }
}

template <class V, int WIDE>
void add_ramps(const CodedRows<typename V::T>& of, const typename V::T* W, int64_t stride, const typename V::T* size,
               typename V::T* s, int64_t s_stride) {
  using T = typename V::T;
  V before[WIDE];
#pragma GCC unroll 4
  for (int w = 0; w < WIDE; w++) before[w] = V::all(0);
  for (int64_t b = 0, k = 0; k < of.there; b++, W += stride) {
    V own[WIDE];
    const T scale = size ? size[b] : T(1);
#pragma GCC unroll 4
    for (int w = 0; w < WIDE; w++) own[w] = V::load(W + w * V::COUNT);
    for (; k < of.there && of.code[k] == b; k++) {
      T* sums = s + of.row[k] * s_stride;
      const V factor = V::all(of.factor[k] * scale);
#pragma GCC unroll 4
      for (int w = 0; w < WIDE; w++)
        fma(factor, own[w], V::load(sums + w * V::COUNT) + before[w]).store(sums + w * V::COUNT);
    }
#pragma GCC unroll 4
    for (int w = 0; w < WIDE; w++) before[w] = fma(V::all(scale), own[w], before[w]);
  }
}

// One strip of columns from j on: bias, then numbers and fields as they stand. Of x: (rows, n_x).
template <class V, int WIDE>
void coded_sums(const Room<typename V::T>& room, const typename V::T* x, int64_t x_stride, int64_t rows, int64_t j) {
  using T = typename V::T;
  const Weights<T>& w = room.weights[0];
  const Nodes<T>& to = room.nodes[1];
  const Coded<T>& coded = room.coded;
  const T *size = room.parts > room.depth ? room.weights[room.depth].W : nullptr, *const W = w.W + j;
  T* const s = to.s + j;
  const bool has_bias = w.rows > w.n_in;
  Start<T> start{has_bias ? Start<T>::ROW : Start<T>::NUMBER, W + w.n_in * w.stride, 0, has_bias ? w.bias : T(0)};
  int64_t f = 0;
  each_run_of_numbers(coded, w.n_in, room.nodes[0].n, [&](int64_t column, int64_t place, int64_t count) {
    if (count > 0 || f == 0)
      multiply<T>({x + place, x_stride, 1, W + column * w.stride, w.stride, s, to.s_stride, rows, WIDE * V::COUNT,
                   count, start});
    start = {Start<T>::MATRIX, s, to.s_stride, T(0)};
    if (f == coded.fields) return;
    const CodedRows<T>& of = coded.by_code[f++];
    const T *first = W + of.field.first * w.stride, *scale = size ? size + of.field.first : nullptr;
    (of.field.ramps ? add_ramps<V, WIDE> : add_one_hot<V, WIDE>)(of, first, w.stride, scale, s, to.s_stride);
  });
}

template <class T>
int64_t column_strips(const Room<T>& room) {
  constexpr int64_t WIDE = STRIP * LanesOf<T>::V::COUNT;
  return (padded<T>(room.weights[0].n_out) + WIDE - 1) / WIDE;
}

// Strip `strip` of the columns; the codes are sorted (sort_codes).
template <class T>
void sums_of_strip(const Room<T>& room, const T* x, int64_t x_stride, int64_t rows, int64_t strip) {
  using V = typename LanesOf<T>::V;
  const int64_t first = strip * STRIP * V::COUNT, end = first + STRIP * V::COUNT;
  const int64_t columns = padded<T>(room.weights[0].n_out);
  if (end <= columns) return coded_sums<V, STRIP>(room, x, x_stride, rows, first);
  for (int64_t j = first; j < columns; j += V::COUNT) coded_sums<V, 1>(room, x, x_stride, rows, j);
}

}  // namespace
}  // namespace descend
