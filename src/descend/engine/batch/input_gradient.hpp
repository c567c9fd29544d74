// dL/dv_0 of rows, given dL/dv_d: the way back alone, past weights that stay as they are.
#pragma once

#include "batch/backward.hpp"
#include "batch/shares.hpp"

namespace descend {
namespace {

// forward: v = softmax(s).  delta_j = v_j (dL_dv_j - sum_k v_k dL_dv_k), in place
template <class T>
void through_softmax(const Nodes<T>& nodes, int64_t rows) {
  using V = typename LanesOf<T>::V;
  for (int64_t t = 0; t < rows; t++) {
    const T* v = nodes.v + t * nodes.v_stride;
    T* delta = nodes.delta + t * nodes.s_stride;
    T mean = v[0] * delta[0];
    for (int64_t k = 1; k < nodes.n; k++) mean = mean + v[k] * delta[k];
    for (int64_t j = 0; j < nodes.n; j += V::COUNT)
      (V::load(v + j) * (V::load(delta + j) - V::all(mean))).store(delta + j);
    for (int64_t j = nodes.n; j < nodes.s_stride; j++) delta[j] = 0;
  }
}

// forward: v_d = sigma(s_d).  delta_d
template <class T>
void given_delta(const Room<T>& room, const Network& net, const T* dL_dv, int64_t rows) {
  const Nodes<T>& out = room.nodes[room.depth];
  const Activation sigma = room.weights[room.depth - 1].sigma;
  for (int64_t t = 0; t < rows; t++) {
    T* delta = out.delta + t * out.s_stride;
    copy_row(dL_dv + t * out.n, out.n, delta);
    for (int64_t j = out.n; j < out.s_stride; j++) delta[j] = 0;
  }
  if (sigma == SOFTMAX) return through_softmax(out, rows);
  through_activation(sigma, net.straight_through, out, rows);
  for (int64_t t = 0; t < rows; t++)
    for (int64_t j = out.n; j < out.s_stride; j++) out.delta[t * out.s_stride + j] = 0;
}

// All of it for some rows.
template <class T>
void input_gradient_of(const Room<T>& room, const Network& net, const T* X, const T* dL_dv, int64_t rows, T* gradient) {
  const Nodes<T>& in = room.nodes[0];
  forward(room, X, in.n, rows);
  given_delta(room, net, dL_dv, rows);
  for (int64_t l = room.depth - 1; l >= 0; l--) {
    through_weights(room.weights[l], room.nodes[l], room.nodes[l + 1], rows);
    if (l > 0) through_activation(room.weights[l - 1].sigma, net.straight_through, room.nodes[l], rows);
  }
  for (int64_t t = 0; t < rows; t++) copy_row(in.delta + t * in.s_stride, in.n, gradient + t * in.n);
}

template <class T>
void input_gradient(const Plan& plan, const T* theta, const T* X, const T* dL_dv, int64_t rows, T* gradient,
                    const Team* team, void* block) {
  const Network& net = plan.network;
  const Room<T> room = make_room<T>(plan, block, false, capacity_of(team));
  pack_weights(room, theta);
  for (int64_t l = 0; l < room.depth; l++) transpose_weights(room.weights[l]);
  for (int64_t start = 0; start < rows; start += room.chunk) {
    const int64_t together = rows - start < room.chunk ? rows - start : room.chunk;
    each_row(team, room, together, [&](const Room<T>& part, int64_t first, int64_t count) {
      const int64_t row = start + first;
      input_gradient_of(part, net, X + row * net.n_0, dL_dv + row * net.n_d, count, gradient + row * net.n_0);
    });
  }
}

}  // namespace
}  // namespace descend
