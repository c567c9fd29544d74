// The forward pass of a chunk of rows, and the loss of each row. backward.hpp is its mirror.
//
//   s_(l+1) = W_l^T v_l (bias node included);  v_(l+1) = sigma(s_(l+1)), l = 0 ... d-1;  L of v_d
#pragma once

#include "activations.hpp"
#include "dropout.hpp"
#include "losses.hpp"
#include "product.hpp"
#include "room.hpp"

namespace descend {
namespace {

// s[t, j] = c W[bias, j] + sum_i v[t, i] W[i, j]
template <class T>
void weighted_sums(const Weights<T>& w, const T* v, int64_t v_stride, const Nodes<T>& to, int64_t rows) {
  const T* bias_row = w.rows > w.n_in ? w.W + w.n_in * w.stride : nullptr;
  multiply<T>({v, v_stride, 1, w.W, w.stride, to.s, to.s_stride, rows, w.stride, w.n_in, bias_row, 0,
               bias_row ? w.bias : T(0)});
}

// v_j = e^(s_j - max) / sum_k e^(s_k - max), and log sum_k e^(s_k)
template <class T>
void softmax_rows(const Room<T>& room, const Nodes<T>& nodes, int64_t rows) {
  using V = typename LanesOf<T>::V;
  for (int64_t t = 0; t < rows; t++) {
    const T* s = nodes.s + t * nodes.s_stride;
    T* v = nodes.v + t * nodes.v_stride;
    T top = s[0];
    for (int64_t j = 1; j < nodes.n; j++) top = s[j] > top ? s[j] : top;
    for (int64_t j = 0; j < nodes.n; j += V::COUNT) exp(V::load(s + j) - V::all(top)).store(v + j);
    T sum = v[0];
    for (int64_t j = 1; j < nodes.n; j++) sum = sum + v[j];
    for (int64_t j = 0; j < nodes.n; j += V::COUNT) (V::load(v + j) / V::all(sum)).store(v + j);
    room.top[t] = top, room.sum[t] = sum;
  }
  for (int64_t t = 0; t < rows; t += V::COUNT)
    (V::load(room.top + t) + log(V::load(room.sum + t))).store(room.log_sum + t);
}

// v[t, j] = sigma(s[t, j])
template <class T>
void activate(const Room<T>& room, Activation sigma, const Nodes<T>& nodes, int64_t rows) {
  using V = typename LanesOf<T>::V;
  if (sigma == SOFTMAX) return softmax_rows(room, nodes, rows);
  with_activation(sigma, false, [&](auto row) {
    for (int64_t t = 0; t < rows; t++) {
      const T* s = nodes.s + t * nodes.s_stride;
      T* v = nodes.v + t * nodes.v_stride;
      for (int64_t j = 0; j < nodes.n; j += V::COUNT) row.value(V::load(s + j)).store(v + j);
    }
  });
}

// The bias node's entry of each row.
template <class T>
void append_bias(const Nodes<T>& nodes, T bias, int64_t rows) {
  for (int64_t t = 0; t < rows; t++) nodes.v[t * nodes.v_stride + nodes.n] = bias;
}

// All layers, from rows of inputs at x.
template <class T>
void forward(const Room<T>& room, const T* x, int64_t x_stride, int64_t rows) {
  for (int64_t l = 0; l < room.depth; l++) {
    const Nodes<T>&from = room.nodes[l], &to = room.nodes[l + 1];
    weighted_sums(room.weights[l], l ? from.v : x, l ? from.v_stride : x_stride, to, rows);
    activate(room, room.weights[l].sigma, to, rows);
    if (room.dropping.on) drop(room, l + 1, rows);
    if (l + 1 < room.depth) append_bias(to, room.weights[l + 1].bias, rows);
  }
}

template <class T>
INLINE Output<typename LanesOf<T>::V> output_at(const Room<T>& room, const Nodes<T>& out, int64_t t, int64_t j) {
  using V = typename LanesOf<T>::V;
  const int64_t at = t * out.s_stride + j;
  return {V::load(room.y + at), V::load(out.s + at), V::load(out.v + t * out.v_stride + j),
          V::load(room.loss_parameter + j), V::all(room.log_sum[t])};
}

// L of each row, the sum of its outputs' terms.
template <class T>
void losses(const Room<T>& room, Loss loss, int64_t rows) {
  using V = typename LanesOf<T>::V;
  const Nodes<T>& out = room.nodes[room.depth];
  with_loss(loss, room.weights[room.depth - 1].sigma, [&](auto row) {
    for (int64_t t = 0; t < rows; t++) {
      for (int64_t j = 0; j < out.n; j += V::COUNT) row.term(output_at(room, out, t, j)).store(room.terms + j);
      T sum = room.terms[0];
      for (int64_t j = 1; j < out.n; j++) sum = sum + room.terms[j];
      room.loss[t] = sum;
    }
  });
}

// ---------------------------------------------------------------- rows into the chunk

template <class T>
void copy_row(const T* from, int64_t n, T* to) {
  for (int64_t j = 0; j < n; j++) to[j] = from[j];
}

// Targets of a row, filled up with zeros.
template <class T>
void copy_target(const Room<T>& room, const T* Y, int64_t row, int64_t t) {
  const Nodes<T>& out = room.nodes[room.depth];
  T* y = room.y + t * out.s_stride;
  copy_row(Y + row * out.n, out.n, y);
  for (int64_t j = out.n; j < out.s_stride; j++) y[j] = 0;
}

// Samples of a batch: inputs with the bias entry, targets, weights.
template <class T>
void gather(const Room<T>& room, const Data<T>& data, const uint32_t* samples, int64_t rows) {
  const Nodes<T>& in = room.nodes[0];
  for (int64_t t = 0; t < rows; t++) {
    const int64_t row = samples[t];
    copy_row(data.X + row * in.n, in.n, in.v + t * in.v_stride);
    copy_target(room, data.Y, row, t);
    room.weight[t] = data.sample_weight ? data.sample_weight[row] : T(1);
  }
  append_bias(in, room.weights[0].bias, rows);
}

}  // namespace
}  // namespace descend
