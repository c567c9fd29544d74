// The first layer of a chunk of rows whose inputs come by index (contract/indexed.hpp): a tenth of the products of the
// same layer with all its zeros.
//
//   s[t, j] = bias_j + sum_i x[t, i] W[i, j] + sum_e factor[t, e] W[place[t, e], j];  v = sigma(s)
#pragma once

#include "batch/forward.hpp"
#include "contract/indexed.hpp"
#include "numbers/product.hpp"

namespace descend {
namespace {

// s_j of one row, for WIDE Lanes of columns from j on
template <class V, int WIDE>
INLINE void add_entries(const IndexedLayer<typename V::T>& layer, const int32_t* place, const typename V::T* factor,
                        int64_t entries, int64_t j, typename V::T* s) {
  V c[WIDE];
#pragma GCC unroll 8
  for (int k = 0; k < WIDE; k++) c[k] = V::load(s + j + k * V::COUNT);
  for (int64_t e = 0; e < entries; e++) {
    const V one = V::all(factor[e]);
    const typename V::T* row = layer.W + place[e] * layer.stride + j;
#pragma GCC unroll 8
    for (int k = 0; k < WIDE; k++) c[k] = fma(one, V::load(row + k * V::COUNT), c[k]);
  }
#pragma GCC unroll 8
  for (int k = 0; k < WIDE; k++) c[k].store(s + j + k * V::COUNT);
}

// All columns from j on, in pieces of WIDE Lanes, then of half as many.
template <class V, int WIDE>
void add_all_entries(const IndexedLayer<typename V::T>& layer, const int32_t* place, const typename V::T* factor,
                     int64_t entries, int64_t j, typename V::T* s) {
  for (; j + WIDE * V::COUNT <= layer.stride; j += WIDE * V::COUNT)
    add_entries<V, WIDE>(layer, place, factor, entries, j, s);
  if constexpr (WIDE > 1) {
    if (j < layer.stride) add_all_entries<V, WIDE / 2>(layer, place, factor, entries, j, s);
  }
}

template <class T>
void indexed_layer(const IndexedLayer<T>& layer, const IndexedRows<T>& given, T* s, T* v) {
  using V = typename LanesOf<T>::V;
  const int64_t stride = layer.stride, n = layer.n_out, entries = given.entries;
  multiply<T>({given.x, layer.n_x, 1, layer.W, stride, s, stride, given.rows, stride, layer.n_x,
               Start<T>{Start<T>::ROW, layer.bias, 0, T(1)}});
  for (int64_t t = 0; t < given.rows; t++)
    add_all_entries<V, SINGLE_WIDE>(layer, given.place + t * entries, given.factor + t * entries, entries, 0,
                                    s + t * stride);
  activate(Room<T>{}, layer.sigma, Nodes<T>{n, stride, stride, s, v, nullptr}, given.rows);
  for (int64_t t = 1; t < given.rows && n < stride; t++) copy_row(v + t * stride, n, v + t * n);
}

}  // namespace
}  // namespace descend
