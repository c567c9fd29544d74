// The forward pass of one sample through all restarts, and its loss: batch/forward.hpp in lanes of restarts.
#pragma once

#include "batch/forward.hpp"
#include "lanes/room.hpp"

namespace descend {
namespace {

// Chains that run side by side: as many as leave registers for the rest.
constexpr int LANES_WIDE = PIECES == 1 ? 8 : PIECES == 2 ? 4 : 2;

// v[i] for all restarts: an input is one number, a hidden node has one for each.
template <class V, bool SHARED>
INLINE V lanes_value(const typename V::T* v, int64_t i) {
  if constexpr (SHARED) return V::all(v[i]);
  return V::load(v + i * V::COUNT);
}

// s[j] = c W[bias, j] + sum_i v[i] W[i, j] for WIDE nodes from j on
template <class V, int WIDE, bool SHARED>
INLINE void lanes_sums_tile(const Weights<typename V::T>& w, const typename V::T* v, typename V::T* s, int64_t j) {
  using T = typename V::T;
  const T* at = w.W + j * V::COUNT;
  V a[WIDE];
#pragma GCC unroll 8
  for (int k = 0; k < WIDE; k++)
    a[k] = w.rows > w.n_in ? V::load(at + w.n_in * w.stride + k * V::COUNT) * V::all(w.bias) : V::all(0);
  for (int64_t i = 0; i < w.n_in; i++, at += w.stride) {
    const V one = lanes_value<V, SHARED>(v, i);
#pragma GCC unroll 8
    for (int k = 0; k < WIDE; k++) a[k] = fma(one, V::load(at + k * V::COUNT), a[k]);
  }
#pragma GCC unroll 8
  for (int k = 0; k < WIDE; k++) a[k].store(s + (j + k) * V::COUNT);
}

template <class V, int WIDE, bool SHARED>
void lanes_sums(const Weights<typename V::T>& w, const typename V::T* v, typename V::T* s, int64_t j = 0) {
  for (; j + WIDE <= w.n_out; j += WIDE) lanes_sums_tile<V, WIDE, SHARED>(w, v, s, j);
  if constexpr (WIDE > 1) {
    if (j < w.n_out) lanes_sums<V, WIDE / 2, SHARED>(w, v, s, j);
  }
}

// v_j = e^(s_j - max) / sum_k e^(s_k - max), and log sum_k e^(s_k), in each lane
template <class T>
void lanes_softmax(const LanesRoom<T>& all, const Nodes<T>& nodes) {
  using V = typename LanesOf<T>::V;
  V top = V::load(nodes.s);
  for (int64_t j = V::COUNT; j < nodes.n; j += V::COUNT) {
    const V s = V::load(nodes.s + j);
    top = select(s > top, s, top);
  }
  for (int64_t j = 0; j < nodes.n; j += V::COUNT) exp(V::load(nodes.s + j) - top).store(nodes.v + j);
  V sum = V::load(nodes.v);
  for (int64_t j = V::COUNT; j < nodes.n; j += V::COUNT) sum = sum + V::load(nodes.v + j);
  for (int64_t j = 0; j < nodes.n; j += V::COUNT) (V::load(nodes.v + j) / sum).store(nodes.v + j);
  (top + log(sum)).store(all.log_sum);
}

// s of a node, and v where it is immediate.
template <class V>
INLINE void store_lanes_sum(const Nodes<typename V::T>& to, Activation sigma, int64_t at, V s) {
  s.store(to.s + at);
  if (sigma == RELU)
    Relu::value(s).store(to.v + at);
  else if (sigma == IDENTITY)
    s.store(to.v + at);
}

// All layers, once the sums of the first are known.
template <class T>
void lanes_onward(const LanesRoom<T>& all) {
  using V = typename LanesOf<T>::V;
  const Room<T>& room = all.room;
  for (int64_t l = 0; l < room.depth; l++) {
    const Weights<T>& w = room.weights[l];
    const Nodes<T>& to = room.nodes[l + 1];
    if (l > 0) lanes_sums<V, LANES_WIDE, false>(w, room.nodes[l].v, to.s);
    if (w.sigma == SOFTMAX)
      lanes_softmax(all, to);
    else
      activate(room, w.sigma, to, 1);
  }
}

// All layers, from the inputs x of one sample.
template <class T>
void lanes_forward(const LanesRoom<T>& all, const T* x) {
  lanes_sums<typename LanesOf<T>::V, LANES_WIDE, true>(all.room.weights[0], x, all.room.nodes[1].s);
  lanes_onward(all);
}

template <class T>
INLINE Output<typename LanesOf<T>::V> lanes_output_at(const LanesRoom<T>& all, const Network& net, const T* y,
                                                      int64_t j) {
  using V = typename LanesOf<T>::V;
  const Nodes<T>& out = all.room.nodes[all.room.depth];
  return {V::all(y[j]), V::load(out.s + j * V::COUNT), V::load(out.v + j * V::COUNT),
          V::all(static_cast<T>(net.loss_parameter[j])), V::load(all.log_sum)};
}

// L of each restart for targets y, the sum of the outputs' terms.
template <class T>
void lanes_loss(const LanesRoom<T>& all, const Network& net, const T* y) {
  with_loss(net.loss, all.room.weights[net.depth - 1].sigma, [&](auto row) {
    auto sum = row.term(lanes_output_at(all, net, y, 0));
    for (int64_t j = 1; j < net.n_d; j++) sum = sum + row.term(lanes_output_at(all, net, y, j));
    sum.store(all.loss);
  });
}

// a = a + w L, both rounded, in each lane; returns whether all are finite.
template <class T>
INLINE bool add_losses(const LanesRoom<T>& all, double weight, double* sums) {
  bool finite = true;
  for (int64_t k = 0; k < LANES<T>; k++) {
    sums[k] = sums[k] + weight * static_cast<double>(all.loss[k]);
    finite &= __builtin_isfinite(sums[k]) != 0;
  }
  return finite;
}

}  // namespace
}  // namespace descend
