// Back-propagation of one sample through all restarts: batch/backward.hpp in lanes of restarts. One pass over the
// weights of a layer takes delta through them and writes the gradient, or adds to it. (lanes/single.hpp: rounds of a
// single sample, where it goes straight into the weights.)
#pragma once

#include "batch/backward.hpp"
#include "batch/optimisers.hpp"
#include "lanes/forward.hpp"

namespace descend {
namespace {

// delta_d, with the sample's share of the batch
template <class T>
void lanes_output_delta(const LanesRoom<T>& all, const Network& net, const T* y, T share) {
  using V = typename LanesOf<T>::V;
  const Nodes<T>& out = all.room.nodes[net.depth];
  const Activation sigma = all.room.weights[net.depth - 1].sigma;
  with_loss(net.loss, sigma, [&](auto row) {
    for (int64_t j = 0; j < net.n_d; j++) {
      const auto o = lanes_output_at(all, net, y, j);
      V delta;
      if constexpr (decltype(row)::FUSED) {
        delta = o.v - o.y;
      } else {
        delta = row.dL_dv(o);
      }
      delta.store(out.delta + j * V::COUNT);
    }
    if constexpr (!decltype(row)::FUSED) through_activation(sigma, net.straight_through, out, 1);
  });
  if (share == T(1)) return;
  for (int64_t j = 0; j < out.n; j += V::COUNT) (V::load(out.delta + j) * V::all(share)).store(out.delta + j);
}

// ---------------------------------------------------------------- what becomes of v[i] delta[j]

// The first sample of a batch: gradient = v delta
template <class V>
struct FirstGradient {
  INLINE void put(const Weights<typename V::T>& layer, int64_t at, V, V v, V delta) const {
    fma(v, delta, V::all(0)).store(layer.gradient + at);
  }
};

// A later sample: gradient += v delta
template <class V>
struct NextGradient {
  INLINE void put(const Weights<typename V::T>& layer, int64_t at, V, V v, V delta) const {
    fma(v, delta, V::load(layer.gradient + at)).store(layer.gradient + at);
  }
};

// ---------------------------------------------------------------- one pass over the weights of a layer

// Rows of W that are handled together: their chains of sums run side by side.
constexpr int LANES_TALL = PIECES == 1 ? 4 : PIECES == 2 ? 2 : 1;

// Rows i ... i + TALL - 1: below[i] = sum_j W[i, j] delta[j] (not from the inputs), and the use of v[i] delta[j].
template <class V, int TALL, bool INPUTS, class Use>
INLINE void lanes_rows(const Weights<typename V::T>& w, const typename V::T* v, const typename V::T* delta,
                       typename V::T* below, int64_t i, const Use& use) {
  V value[TALL], a[TALL];
#pragma GCC unroll 8
  for (int r = 0; r < TALL; r++) value[r] = lanes_value<V, INPUTS>(v, i + r), a[r] = V::all(typename V::T(-0.0));
  for (int64_t j = 0, at = i * w.stride; j < w.n_out; j++, at += V::COUNT) {
    const V d = V::load(delta + j * V::COUNT);
#pragma GCC unroll 8
    for (int r = 0; r < TALL; r++) {
      const V one = V::load(w.W + at + r * w.stride);
      if constexpr (!INPUTS) a[r] = fma(one, d, a[r]);
      use.put(w, at + r * w.stride, one, value[r], d);
    }
  }
  if constexpr (!INPUTS) {
#pragma GCC unroll 8
    for (int r = 0; r < TALL; r++) a[r].store(below + (i + r) * V::COUNT);
  }
}

// The bias row: v is c for all restarts.
template <class V, class Use>
void lanes_bias_row(const Weights<typename V::T>& w, const typename V::T* delta, const Use& use) {
  const V c = V::all(w.bias);
  for (int64_t j = 0, at = w.n_in * w.stride; j < w.n_out; j++, at += V::COUNT)
    use.put(w, at, V::load(w.W + at), c, V::load(delta + j * V::COUNT));
}

template <class V, bool INPUTS, class Use, class BiasUse>
void lanes_layer(const Weights<typename V::T>& w, const typename V::T* v, const typename V::T* delta,
                 typename V::T* below, const Use& use, const BiasUse& bias_use) {
  int64_t i = 0;
  for (; i + LANES_TALL <= w.n_in; i += LANES_TALL) lanes_rows<V, LANES_TALL, INPUTS>(w, v, delta, below, i, use);
  for (; i < w.n_in; i++) lanes_rows<V, 1, INPUTS>(w, v, delta, below, i, use);
  if (w.rows > w.n_in) lanes_bias_row<V>(w, delta, bias_use);
}

// Layers d-1 ... 1, from delta_d down to delta_1. A weight changes, if at all, after its own use in the sum.
template <class T, class Use, class BiasUse>
void lanes_back_to_first(const LanesRoom<T>& all, const Network& net, const Use& use, const BiasUse& bias_use) {
  using V = typename LanesOf<T>::V;
  const Room<T>& room = all.room;
  for (int64_t l = net.depth - 1; l > 0; l--) {
    const Nodes<T>& from = room.nodes[l];
    lanes_layer<V, false>(room.weights[l], from.v, room.nodes[l + 1].delta, from.delta, use, bias_use);
    through_activation(room.weights[l - 1].sigma, net.straight_through, from, 1);
  }
}

// Layer 0, for inputs x.
template <class T, class Use, class BiasUse>
void lanes_first_layer(const LanesRoom<T>& all, const T* x, const Use& use, const BiasUse& bias_use) {
  using V = typename LanesOf<T>::V;
  lanes_layer<V, true>(all.room.weights[0], x, all.room.nodes[1].delta, nullptr, use, bias_use);
}

// The gradient of one sample, all layers.
template <class T, class Use>
void lanes_gradient(const LanesRoom<T>& all, const Network& net, const T* x, const Use& use) {
  lanes_back_to_first(all, net, use, use);
  lanes_first_layer(all, x, use, use);
}

}  // namespace
}  // namespace descend
