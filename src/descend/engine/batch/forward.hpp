// The forward pass of a chunk of rows. batch/backward.hpp is its mirror; what belongs to the output layer is in
// batch/outputs.hpp.
//
//   s_(l+1) = W_l^T v_l (bias node included);  v_(l+1) = sigma(s_(l+1)), l = 0 ... d-1
#pragma once

#include "batch/dropout.hpp"
#include "batch/few_outputs.hpp"
#include "batch/gather.hpp"
#include "batch/outputs.hpp"
#include "batch/shallow.hpp"
#include "numbers/product.hpp"
#include "numbers/transpose.hpp"

namespace descend {
namespace {

// s[t, j] = c W[bias, j] + sum_i v[t, i] W[i, j]
template <class T>
void weighted_sums(const Weights<T>& w, const T* v, int64_t v_stride, const Nodes<T>& to, int64_t rows) {
  const bool has_bias = w.rows > w.n_in;
  const Start<T> start{has_bias ? Start<T>::ROW : Start<T>::NUMBER, w.W + w.n_in * w.stride, 0,
                       has_bias ? w.bias : T(0)};
  multiply<T>({v, v_stride, 1, w.W, w.stride, to.s, to.s_stride, rows, padded<T>(w.n_out), w.n_in, start});
}

// s[j, t] = c W[j, bias] + sum_i W[j, i] v[i, t]
template <class T>
void turned_sums(const Room<T>& room, const Weights<T>& w, const Nodes<T>& from, const Nodes<T>& to, int64_t rows) {
  if (has_few_outputs(w.n_out)) return few_turned_sums(w, from, to, rows);
  const bool has_bias = w.rows > w.n_in;
  const int64_t columns = padded<T>(rows);
  const Start<T> start{has_bias ? Start<T>::COLUMN : Start<T>::NUMBER, w.W + w.at(w.n_in, 0), w.stride,
                       has_bias ? w.bias : T(0)};
  transpose(from.v, from.v_stride, columns, w.n_in, room.last_hidden, room.chunk, columns);
  multiply<T>({w.W, w.stride, 1, room.last_hidden, room.chunk, to.s, to.s_stride, w.n_out, columns, w.n_in, start});
}

// v[t, j] = sigma(s[t, j])
template <class T>
void activate(const Room<T>& room, Activation sigma, const Nodes<T>& nodes, int64_t rows) {
  using V = typename LanesOf<T>::V;
  if (sigma == SOFTMAX) return softmax(room, nodes, rows);
  with_activation(sigma, false, [&](auto row) {
    const int64_t lines = nodes.lines(rows), length = nodes.line_length(rows);
    for (int64_t k = 0; k < lines; k++) {
      const T* s = nodes.s + k * nodes.s_stride;
      T* v = nodes.v + k * nodes.v_stride;
      for (int64_t j = 0; j < length; j += V::COUNT) row.value(V::load(s + j)).store(v + j);
    }
  });
}

// All layers, from rows of inputs at x; where these come by index, from the s of layer 1 that batch/coded_layer.hpp
// made.
template <class T>
void forward(const Room<T>& room, const T* x, int64_t x_stride, int64_t rows) {
  const Nodes<T>& in = room.nodes[0];
  if ((room.weights[0].turned || room.shallow) && x != in.v)
    for (int64_t t = 0; t < rows; t++) copy_row(x + t * x_stride, in.n, in.v + t * in.v_stride);
  if constexpr (has_shallow(PIECES))
    if (room.shallow) {
      shallow_sums(room, rows);
      return activate(room, room.weights[1].sigma, room.nodes[2], rows);
    }
  for (int64_t l = 0; l < room.depth; l++) {
    const Weights<T>& w = room.weights[l];
    const Nodes<T>&from = room.nodes[l], &to = room.nodes[l + 1];
    if (w.turned)
      turned_sums(room, w, from, to, rows);
    else if (l > 0 || room.coded.fields == 0)
      weighted_sums(w, l ? from.v : x, l ? from.v_stride : x_stride, to, rows);
    activate(room, w.sigma, to, rows);
    if (room.dropping.on) drop(room, l + 1, rows);
    if (l + 1 < room.depth && to.bias_at < padded<T>(to.n)) append_bias(to, room.weights[l + 1].bias, rows);
  }
}

}  // namespace
}  // namespace descend
