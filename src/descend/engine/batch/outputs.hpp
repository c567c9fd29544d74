// The output layer of a chunk: softmax, the loss of each row, delta_d. In rows like any other layer, or turned, with
// samples in lanes; the chains over a row's outputs are the same.
#pragma once

#include "batch/room.hpp"
#include "numbers/activations.hpp"
#include "numbers/losses.hpp"

namespace descend {
namespace {

// ---------------------------------------------------------------- softmax

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

template <class T>
void softmax_turned(const Room<T>& room, const Nodes<T>& nodes, int64_t rows) {
  using V = typename LanesOf<T>::V;
  for (int64_t t = 0; t < rows; t += V::COUNT) {
    const T* s = nodes.s + t;
    T* v = nodes.v + t;
    V top = V::load(s);
    for (int64_t j = 1; j < nodes.n; j++) {
      const V one = V::load(s + j * nodes.s_stride);
      top = select(one > top, one, top);
    }
    V sum = exp(V::load(s) - top);
    sum.store(v);
    for (int64_t j = 1; j < nodes.n; j++) {
      const V one = exp(V::load(s + j * nodes.s_stride) - top);
      one.store(v + j * nodes.v_stride);
      sum = sum + one;
    }
    for (int64_t j = 0; j < nodes.n; j++) (V::load(v + j * nodes.v_stride) / sum).store(v + j * nodes.v_stride);
    (top + log(sum)).store(room.log_sum + t);
  }
}

template <class T>
void softmax(const Room<T>& room, const Nodes<T>& nodes, int64_t rows) {
  nodes.turned ? softmax_turned(room, nodes, rows) : softmax_rows(room, nodes, rows);
}

// ---------------------------------------------------------------- loss

// What the loss sees of row t, outputs j ... j + lanes - 1; turned: of output j, rows t ... t + lanes - 1.
template <class T>
INLINE Output<typename LanesOf<T>::V> output_at(const Room<T>& room, const Nodes<T>& out, int64_t t, int64_t j) {
  using V = typename LanesOf<T>::V;
  const int64_t at = t * out.s_stride + j;
  return {V::load(room.y + at), V::load(out.s + at), V::load(out.v + t * out.v_stride + j),
          V::load(room.loss_parameter + j), V::all(room.log_sum[t])};
}

template <class T>
INLINE Output<typename LanesOf<T>::V> turned_output_at(const Room<T>& room, const Nodes<T>& out, int64_t t, int64_t j) {
  using V = typename LanesOf<T>::V;
  const int64_t at = j * out.s_stride + t;
  return {V::load(room.y + at), V::load(out.s + at), V::load(out.v + j * out.v_stride + t),
          V::all(room.loss_parameter[j]), V::load(room.log_sum + t)};
}

// L of each row, the sum of its outputs' terms.
template <class T, class Row>
void losses_of_rows(const Room<T>& room, const Nodes<T>& out, int64_t rows, Row row) {
  using V = typename LanesOf<T>::V;
  for (int64_t t = 0; t < rows; t++) {
    for (int64_t j = 0; j < out.n; j += V::COUNT) row.term(output_at(room, out, t, j)).store(room.terms + j);
    T sum = room.terms[0];
    for (int64_t j = 1; j < out.n; j++) sum = sum + room.terms[j];
    room.loss[t] = sum;
  }
}

template <class T, class Row>
void losses_turned(const Room<T>& room, const Nodes<T>& out, int64_t rows, Row row) {
  using V = typename LanesOf<T>::V;
  for (int64_t t = 0; t < rows; t += V::COUNT) {
    V sum = row.term(turned_output_at(room, out, t, 0));
    for (int64_t j = 1; j < out.n; j++) sum = sum + row.term(turned_output_at(room, out, t, j));
    sum.store(room.loss + t);
  }
}

template <class T>
void losses(const Room<T>& room, Loss loss, int64_t rows) {
  const Nodes<T>& out = room.nodes[room.depth];
  with_loss(loss, room.weights[room.depth - 1].sigma,
            [&](auto row) { out.turned ? losses_turned(room, out, rows, row) : losses_of_rows(room, out, rows, row); });
}

// ---------------------------------------------------------------- delta_d

// FUSED: delta = v - y, else dL/dv
template <class Row, class V>
INLINE V first_delta(Row row, const Output<V>& o) {
  if constexpr (Row::FUSED) {
    return o.v - o.y;
  } else {
    return row.dL_dv(o);
  }
}

template <class T, class Row>
void first_deltas(const Room<T>& room, const Nodes<T>& out, int64_t rows, Row row) {
  using V = typename LanesOf<T>::V;
  const int64_t lines = out.lines(rows), length = out.line_length(rows);
  for (int64_t k = 0; k < lines; k++)
    for (int64_t j = 0; j < length; j += V::COUNT)
      first_delta(row, out.turned ? turned_output_at(room, out, j, k) : output_at(room, out, k, j))
          .store(out.delta + k * out.s_stride + j);
}

// The share of each sample in the batch's gradient: delta_d *= w / |B|
template <class T>
void weigh_delta(const Room<T>& room, int64_t batch, int64_t rows) {
  using V = typename LanesOf<T>::V;
  const Nodes<T>& out = room.nodes[room.depth];
  if (out.turned) {
    for (int64_t t = 0; t < rows; t += V::COUNT) {
      const V share = V::load(room.weight + t) / V::all(static_cast<T>(batch));
      for (int64_t j = 0; j < out.n; j++) {
        T* delta = out.delta + j * out.s_stride + t;
        (V::load(delta) * share).store(delta);
      }
    }
    return;
  }
  for (int64_t t = 0; t < rows; t++) {
    const T share = room.weight[t] / static_cast<T>(batch);
    if (share == T(1)) continue;
    T* delta = out.delta + t * out.s_stride;
    for (int64_t j = 0; j < out.n; j += V::COUNT) (V::load(delta + j) * V::all(share)).store(delta + j);
  }
}

}  // namespace
}  // namespace descend
