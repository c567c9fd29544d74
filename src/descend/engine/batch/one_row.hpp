// The forward pass of one row straight from theta: nothing is packed, so there is no copy of the weights that could
// grow old. The chains are those of batch/forward.hpp, and so are the bits.
//
// A row W[i, :] is read in whole Lanes from wherever it begins. Lanes beyond its end hold what follows in theta: they
// make numbers that nobody reads. Where theta itself ends, zeros are put in their place.
#pragma once

#include "batch/forward.hpp"
#include "batch/room.hpp"
#include "contract/kernels.hpp"
#include "numbers/product.hpp"

namespace descend {
namespace {

// W_l in theta, and where theta ends.
template <class T>
struct LooseWeights {
  const T *W, *end;
  int64_t n_in, n_out;
  bool has_bias;
  T bias;

  // How many rows, from the first, can be read from column j on as `lanes` numbers.
  int64_t whole_rows(int64_t j, int64_t lanes) const {
    const int64_t room = end - W - j - lanes;
    const int64_t rows = room < 0 ? 0 : room / n_out + 1;
    return rows < n_in ? rows : n_in;
  }
};

template <class V>
INLINE V load_anywhere(const typename V::T* at) {
  V r;
#pragma GCC unroll 4
  for (int k = 0; k < PIECES; k++) {
    typename V::Piece piece;
    __builtin_memcpy(&piece, at + k * (V::COUNT / PIECES), sizeof piece);
    r.p[k] = piece;
  }
  return r;
}

// The same with zeros from `end` on.
template <class V>
INLINE V load_before(const typename V::T* at, const typename V::T* end) {
  if (end - at >= V::COUNT) return load_anywhere<V>(at);
  alignas(64) typename V::T few[V::COUNT] = {};
  for (int64_t k = 0; k < V::COUNT && at + k < end; k++) few[k] = at[k];
  return V::load(few);
}

// s_j = c W[bias, j] + sum_i v_i W[i, j] for WIDE Lanes of columns from j on
template <class V, int WIDE>
void columns_of_one(const LooseWeights<typename V::T>& w, const typename V::T* v, int64_t j, typename V::T* s) {
  using T = typename V::T;
  V c[WIDE];
#pragma GCC unroll 8
  for (int k = 0; k < WIDE; k++)
    c[k] = w.has_bias ? load_before<V>(w.W + w.n_in * w.n_out + j + k * V::COUNT, w.end) * V::all(w.bias) : V::all(0);
  const int64_t whole = w.whole_rows(j, WIDE * V::COUNT);
  const T* row = w.W + j;
  for (int64_t i = 0; i < whole; i++, row += w.n_out) {
    const V one = V::all(v[i]);
#pragma GCC unroll 8
    for (int k = 0; k < WIDE; k++) c[k] = fma(one, load_anywhere<V>(row + k * V::COUNT), c[k]);
  }
  for (int64_t i = whole; i < w.n_in; i++, row += w.n_out)
#pragma GCC unroll 8
    for (int k = 0; k < WIDE; k++) c[k] = fma(V::all(v[i]), load_before<V>(row + k * V::COUNT, w.end), c[k]);
#pragma GCC unroll 8
  for (int k = 0; k < WIDE; k++) c[k].store(s + j + k * V::COUNT);
}

// All columns from j on, in pieces of WIDE Lanes, then of half as many.
template <class V, int WIDE>
void sums_of_one(const LooseWeights<typename V::T>& w, const typename V::T* v, int64_t j, typename V::T* s) {
  const int64_t columns = padded<typename V::T>(w.n_out);
  for (; j + WIDE * V::COUNT <= columns; j += WIDE * V::COUNT) columns_of_one<V, WIDE>(w, v, j, s);
  if constexpr (WIDE > 1) {
    if (j < columns) sums_of_one<V, WIDE / 2>(w, v, j, s);
  }
}

// The same of a first layer with fields, WIDE Lanes of columns from j on: the rows of W_0 that count are read where
// they are, and those that ramps sum up are summed up.
template <class V, int WIDE>
void coded_columns_of_one(const LooseWeights<typename V::T>& w, const Network& net, const InputRows<typename V::T>& row,
                          int64_t j, typename V::T* s) {
  using T = typename V::T;
  V c[WIDE];
  const auto load = [&](int64_t i, int k) { return load_before<V>(w.W + i * w.n_out + j + k * V::COUNT, w.end); };
  const auto add = [&](T factor, int64_t i) {
#pragma GCC unroll 8
    for (int k = 0; k < WIDE; k++) c[k] = fma(V::all(factor), load(i, k), c[k]);
  };
#pragma GCC unroll 8
  for (int k = 0; k < WIDE; k++) c[k] = w.has_bias ? load(w.n_in, k) * V::all(w.bias) : V::all(0);
  const T *x = row.x, *share = row.shares;
  int64_t i = 0;
  for (int64_t f = 0; f < net.n_fields; f++) {
    const Field& field = net.fields[f];
    const int64_t code = row.codes[f] < field.count ? row.codes[f] : field.count;
    for (; i < field.first; i++) add(*x++, i);
    if (field.ramps && code < field.count) {
      V before[WIDE];
#pragma GCC unroll 8
      for (int k = 0; k < WIDE; k++) before[k] = V::all(0);
      for (; i < field.first + code; i++)
#pragma GCC unroll 8
        for (int k = 0; k < WIDE; k++) before[k] = before[k] + load(i, k);
#pragma GCC unroll 8
      for (int k = 0; k < WIDE; k++) c[k] = c[k] + before[k];
    }
    if (code < field.count) add(field.ramps ? *share : static_cast<T>(value_of(net, row, f)), field.first + code);
    share += field.ramps;
    i = field.first + field.count;
  }
  for (; i < w.n_in; i++) add(*x++, i);
#pragma GCC unroll 8
  for (int k = 0; k < WIDE; k++) c[k].store(s + j + k * V::COUNT);
}

template <class V>
void coded_sums_of_one(const LooseWeights<typename V::T>& w, const Network& net, const InputRows<typename V::T>& row,
                       typename V::T* s) {
  constexpr int WIDE = SINGLE_WIDE / 2;
  const int64_t columns = padded<typename V::T>(w.n_out);
  int64_t j = 0;
  for (; j + WIDE * V::COUNT <= columns; j += WIDE * V::COUNT) coded_columns_of_one<V, WIDE>(w, net, row, j, s);
  for (; j < columns; j += V::COUNT) coded_columns_of_one<V, 1>(w, net, row, j, s);
}

template <class T>
void predict_one(const Plan& plan, const T* theta, const InputRows<T>& x, T* output, void* block) {
  using V = typename LanesOf<T>::V;
  const Network& net = plan.network;
  const int64_t width = padded<T>(widest_layer(net));
  T *s = static_cast<T*>(block), *v = s + width;
  Room<T> room{};
  room.top = v + width, room.sum = room.top + V::COUNT, room.log_sum = room.sum + V::COUNT;
  for (int64_t l = 0; l < net.depth; l++) {
    const Layer& layer = net.layers[l];
    const LooseWeights<T> w{theta + layer.offset, theta + net.theta_size,  layer.n_in,
                            layer.n_out,          layer.rows > layer.n_in, static_cast<T>(layer.bias)};
    if (l == 0 && net.n_fields > 0)
      coded_sums_of_one<V>(w, net, x, s);
    else
      sums_of_one<V, SINGLE_WIDE>(w, l ? v : x.x, 0, s);
    activate(room, layer.sigma, Nodes<T>{layer.n_out, width, width, s, v, nullptr}, 1);
  }
  copy_row(v, net.n_d, output);
}

}  // namespace
}  // namespace descend
