// Back-propagation of a chunk of rows, the mirror of forward.hpp; above each step the forward step that it
// differentiates.
//
//   delta_d = dL/dv_d * sigma'(s_d);  dL_dW_l = v_l delta_(l+1)^T;  delta_l = (W~_l delta_(l+1)) * sigma'(s_l), l = d-1
//   ... 0
#pragma once

#include "forward.hpp"
#include "front_scale.hpp"
#include "transpose.hpp"

namespace descend {
namespace {

// forward: v = sigma(s).  delta[t, j] = dL_dv[t, j] sigma'(s[t, j]), in place
template <class T>
void through_activation(Activation sigma, bool straight_through, const Nodes<T>& nodes, int64_t rows) {
  using V = typename LanesOf<T>::V;
  with_activation(sigma, straight_through, [&](auto row) {
    for (int64_t t = 0; t < rows; t++) {
      const T *s = nodes.s + t * nodes.s_stride, *v = nodes.v + t * nodes.v_stride;
      T* delta = nodes.delta + t * nodes.s_stride;
      for (int64_t j = 0; j < nodes.n; j += V::COUNT)
        (V::load(delta + j) * row.derivative(V::load(s + j), V::load(v + j))).store(delta + j);
    }
  });
}

// forward: L of v_d = sigma(s_d).  delta_d
template <class T>
void output_delta(const Room<T>& room, const Network& net, int64_t rows) {
  using V = typename LanesOf<T>::V;
  const Nodes<T>& out = room.nodes[room.depth];
  const Activation sigma = room.weights[room.depth - 1].sigma;
  with_loss(net.loss, sigma, [&](auto row) {
    for (int64_t t = 0; t < rows; t++)
      for (int64_t j = 0; j < out.n; j += V::COUNT) {
        const auto o = output_at(room, out, t, j);
        V delta;
        if constexpr (decltype(row)::FUSED) {
          delta = o.v - o.y;
        } else {
          delta = row.dL_dv(o);
        }
        delta.store(out.delta + t * out.s_stride + j);
      }
    if constexpr (!decltype(row)::FUSED) through_activation(sigma, net.straight_through, out, rows);
  });
  for (int64_t t = 0; t < rows; t++)
    for (int64_t j = out.n; j < out.s_stride; j++) out.delta[t * out.s_stride + j] = 0;
}

// The share of each sample in the batch's gradient: delta_d *= w / |B|
template <class T>
void weigh_delta(const Room<T>& room, int64_t batch, int64_t rows) {
  using V = typename LanesOf<T>::V;
  const Nodes<T>& out = room.nodes[room.depth];
  for (int64_t t = 0; t < rows; t++) {
    const T share = room.weight[t] / static_cast<T>(batch);
    if (share == T(1)) continue;
    T* delta = out.delta + t * out.s_stride;
    for (int64_t j = 0; j < out.n; j += V::COUNT) (V::load(delta + j) * V::all(share)).store(delta + j);
  }
}

// forward: s_(l+1) = W^T v_l.  dL_dW[i, j] = sum_t v[t, i] delta[t, j], going on from the chunk before
template <class T>
void weight_gradient(const Weights<T>& w, const Nodes<T>& from, const Nodes<T>& to, int64_t rows, bool first_chunk) {
  multiply<T>({from.v, 1, from.v_stride, to.delta, to.s_stride, w.gradient, w.stride, w.rows, w.stride, rows,
               first_chunk ? nullptr : w.gradient, w.stride, first_chunk ? T(0) : T(1)});
}

// forward: s_(l+1) = W^T v_l.  dL_dv[t, i] = sum_j W[i, j] delta[t, j]; -0 makes the first term a plain product
template <class T>
void through_weights(const Weights<T>& w, const Nodes<T>& from, const Nodes<T>& to, int64_t rows) {
  multiply<T>({to.delta, to.s_stride, 1, w.transposed, w.transposed_stride, from.delta, from.s_stride, rows,
               w.transposed_stride, w.n_out, nullptr, 0, T(-0.0)});
}

template <class T>
void transpose_weights(const Weights<T>& w) {
  transpose(w.W, w.stride, w.n_in, w.n_out, w.transposed, w.transposed_stride);
}

// All layers, from delta_d down; no weight changes before the last delta is known.
template <class T>
void backward(const Room<T>& room, const Network& net, int64_t rows, bool first_chunk) {
  for (int64_t l = room.depth - 1; l >= 0; l--) {
    const Weights<T>& w = room.weights[l];
    const Nodes<T>&from = room.nodes[l], &to = room.nodes[l + 1];
    weight_gradient(w, from, to, rows, first_chunk);
    if (l == 0 && room.parts == room.depth) break;
    if (first_chunk) transpose_weights(w);
    through_weights(w, from, to, rows);
    if (l == 0) {
      front_scale_gradient(room, rows, first_chunk);
      break;
    }
    if (room.dropping.on) through_dropout(from, rows);
    through_activation(room.weights[l - 1].sigma, net.straight_through, from, rows);
  }
}

}  // namespace
}  // namespace descend
