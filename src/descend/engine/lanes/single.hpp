// Rounds of a single sample in lanes of restarts: single/forward.hpp and single/backward.hpp, where every number is
// Lanes and what lies along the lanes there are neighbours here. Chains and folds are the same, so are the bits.
#pragma once

#include "lanes/backward.hpp"
#include "single/backward.hpp"

namespace descend {
namespace {

template <class T>
INLINE WeightsAndMoments<T> place_of(const Weights<T>& w) {
  return {w.W, w.moment_1, w.moment_2};
}

template <class T>
INLINE bool lanes_thin(const Weights<T>& w, int64_t layer) {
  return is_thin(layer, w.n_in, w.n_out);
}

// F of contract/order.hpp over the lines leaf(0) ... leaf(terms - 1): line q + line (q + h), h = p/2 ... 1, depth
// first.
template <class V, int H, class Leaf>
INLINE V fold_lines(const Leaf& leaf, int q, int64_t terms) {
  if constexpr (H == V::COUNT) {
    return leaf(q);
  } else {
    const V a = fold_lines<V, 2 * H>(leaf, q, terms);
    return q + H < terms ? a + fold_lines<V, 2 * H>(leaf, q + H, terms) : a;
  }
}

// ---------------------------------------------------------------- forward

// s[j] = c W[bias, j] + sum_i v[i] W[i, j] for WIDE nodes from j on, CHAINS chains each; the step for the sample before
// first, if it is late
template <class V, int WIDE, int CHAINS, bool SHARED, class Before>
INLINE void lanes_wide_tile(const Weights<typename V::T>& w, const typename V::T* v, const Nodes<typename V::T>& to,
                            int64_t j, const Before& before_of_all) {
  constexpr int64_t P = V::COUNT;
  const Before before = before_of_all;  // what stays in memory is loaded again after each store of a weight
  V a[CHAINS][WIDE], d[WIDE];
  typename V::T *at = w.W + j * P, *bias_row = at + w.n_in * w.stride;
#pragma GCC unroll 8
  for (int q = 0; q < WIDE; q++) {
    if constexpr (Before::IS_LATE) d[q] = V::load(before.d + (j + q) * P);
#pragma GCC unroll 8
    for (int k = 0; k < CHAINS; k++) a[k][q] = V::all(0);
  }
  if (w.rows > w.n_in) {
    const V bias = V::all(w.bias);
#pragma GCC unroll 8
    for (int q = 0; q < WIDE; q++) {
      V one = V::load(bias_row + q * P);
      if constexpr (Before::IS_LATE) {
        one = fma(bias, d[q], one);
        one.store(bias_row + q * P);
      }
      a[0][q] = bias * one;
    }
  }
  rows_in_chains<CHAINS>(w.n_in, [&](int k, int64_t i) __attribute__((always_inline)) {
    const V value = lanes_value<V, SHARED>(v, i);
    V past;
    if constexpr (Before::IS_LATE) past = V::all(before.x[i]);
#pragma GCC unroll 8
    for (int q = 0; q < WIDE; q++) a[k][q] = fma(value, stepped<V>(before, at + q * P, past, d[q]), a[k][q]);
    at += w.stride;
  });
  join_chains(a);
#pragma GCC unroll 8
  for (int q = 0; q < WIDE; q++) store_lanes_sum(to, w.sigma, (j + q) * P, a[0][q]);
}

template <class V, int WIDE, int CHAINS, bool SHARED, class Before>
INLINE void lanes_wide_tiles(const Weights<typename V::T>& w, const typename V::T* v, const Nodes<typename V::T>& to,
                             int64_t j, const Before& before) {
  for (; j + WIDE <= w.n_out; j += WIDE) lanes_wide_tile<V, WIDE, CHAINS, SHARED>(w, v, to, j, before);
  if constexpr (WIDE > 1) {
    if (j < w.n_out) lanes_wide_tiles<V, WIDE / 2, CHAINS, SHARED>(w, v, to, j, before);
  }
}

template <bool SHARED, class T, class Before>
void lanes_wide_sums(const Weights<T>& w, const T* v, const Nodes<T>& to, const Before& before) {
  using V = typename LanesOf<T>::V;
  constexpr bool LATE = Before::IS_LATE;
  switch (chains_of(w.n_in, w.n_out, LANES<T>)) {
    case 1:
      return lanes_wide_tiles<V, TILE_LINES<1, LATE>, 1, SHARED>(w, v, to, 0, before);
    case 2:
      return lanes_wide_tiles<V, TILE_LINES<2, LATE>, 2, SHARED>(w, v, to, 0, before);
    case 4:
      return lanes_wide_tiles<V, TILE_LINES<4, LATE>, 4, SHARED>(w, v, to, 0, before);
    default:
      return lanes_wide_tiles<V, TILE_LINES<8, LATE>, 8, SHARED>(w, v, to, 0, before);
  }
}

// s[j] = F of the chains over i = q, q + p, ... + c W[bias, j]
template <class T>
void lanes_thin_sums(const Weights<T>& w, const T* v, const Nodes<T>& to) {
  using V = typename LanesOf<T>::V;
  constexpr int64_t P = V::COUNT;
  for (int64_t j = 0; j < w.n_out; j++) {
    const T* at = w.W + j * P;
    const auto chain = [&](int q) __attribute__((always_inline)) {
      V a = V::all(0);
      for (int64_t i = q; i < w.n_in; i += P) a = fma(V::load(v + i * P), V::load(at + i * w.stride), a);
      return a;
    };
    V sum = fold_lines<V, 1>(chain, 0, w.n_in);
    if (w.rows > w.n_in) sum = sum + V::all(w.bias) * V::load(at + w.n_in * w.stride);
    store_lanes_sum(to, w.sigma, j * P, sum);
  }
}

// v of a layer whose sums are known.
template <class T>
INLINE void lanes_activate(const LanesRoom<T>& all, Activation sigma, const Nodes<T>& to) {
  if (sigma == SOFTMAX)
    lanes_softmax(all, to);
  else if (!is_immediate(sigma))
    activate(all.room, sigma, to, 1);
}

// All layers, once the sums of the first are known.
template <class T>
void lanes_single_onward(const LanesRoom<T>& all) {
  const Room<T>& room = all.room;
  lanes_activate(all, room.weights[0].sigma, room.nodes[1]);
  for (int64_t l = 1; l < room.depth; l++) {
    const Weights<T>& w = room.weights[l];
    const Nodes<T>& to = room.nodes[l + 1];
    if (lanes_thin(w, l))
      lanes_thin_sums(w, room.nodes[l].v, to);
    else
      lanes_wide_sums<false>(w, room.nodes[l].v, to, Done{});
    lanes_activate(all, w.sigma, to);
  }
}

// All layers, from the inputs x of one sample.
template <class T, class Before>
void lanes_single_forward(const LanesRoom<T>& all, const T* x, const Before& before) {
  lanes_wide_sums<true>(all.room.weights[0], x, all.room.nodes[1], before);
  lanes_single_onward(all);
}

// ---------------------------------------------------------------- backward

// d[i] = dL/dv[i] sigma'(s[i]), where sigma' is immediate; else dL/dv[i], for through_activation.
template <class V>
INLINE void store_lanes_below(const Nodes<typename V::T>& from, Activation sigma, int64_t at, V dL_dv) {
  if (sigma == RELU) {
    const V s = V::load(from.s + at);
    dL_dv = dL_dv * Relu::derivative(s, s);
  }
  dL_dv.store(from.delta + at);
}

// TERMS terms a chain, 0: any number
template <class Step, class V, int TERMS>
INLINE V lanes_wide_row(const Weights<typename V::T>& w, const StepConstants<typename V::T>& k, int64_t row, V value,
                        const typename V::T* d) {
  constexpr int64_t P = V::COUNT;
  const auto place = place_of(w).from(row);
  const auto term = [&](int64_t j, V a) __attribute__((always_inline)) {
    const V one = V::load(d + j * P);
    return fma(step_line<Step>(k, place, j * P, value, one), one, a);
  };
  const auto chain = [&](int q) __attribute__((always_inline)) {
    V a = V::all(0);
    if constexpr (TERMS > 0) {
#pragma GCC unroll 4
      for (int n = 0; n < TERMS; n++) a = term(q + n * P, a);
    } else {
      for (int64_t j = q; j < w.n_out; j += P) a = term(j, a);
    }
    return a;
  };
  return fold_lines<V, 1>(chain, 0, TERMS > 0 ? P : w.n_out);
}

template <class Step, class T, int TERMS>
void lanes_wide_back(const Weights<T>& w, const StepConstants<T>& k, const T* d, const Nodes<T>& from,
                     Activation sigma) {
  using V = typename LanesOf<T>::V;
  constexpr int64_t P = V::COUNT;
  for (int64_t i = 0; i < w.n_in; i++)
    store_lanes_below(from, sigma, i * P,
                      lanes_wide_row<Step, V, TERMS>(w, k, i * w.stride, V::load(from.v + i * P), d));
}

// OUTPUTS nodes above, 0: any number
template <class Step, class T, int OUTPUTS>
void lanes_thin_back(const Weights<T>& w, const StepConstants<T>& k, const T* d, const Nodes<T>& from,
                     Activation sigma) {
  using V = typename LanesOf<T>::V;
  constexpr int64_t P = V::COUNT;
  const WeightsAndMoments<T> place = place_of(w);
  const StepConstants<T> mine = k;
  const V first = V::load(d);
  for (int64_t i = 0; i < w.n_in; i++) {
    const V value = V::load(from.v + i * P);
    V a = step_line<Step>(mine, place, i * w.stride, value, first) * first;
    for (int64_t j = 1; j < (OUTPUTS > 0 ? OUTPUTS : w.n_out); j++) {
      const V one = V::load(d + j * P);
      a = fma(step_line<Step>(mine, place, i * w.stride + j * P, value, one), one, a);
    }
    store_lanes_below(from, sigma, i * P, a);
  }
}

template <class BiasStep, class T>
void lanes_bias_back(const Weights<T>& w, const StepConstants<T>& k, const T* d) {
  using V = typename LanesOf<T>::V;
  if (w.rows == w.n_in) return;
  const StepConstants<T> mine = k.of_bias();
  for (int64_t j = 0; j < w.n_out * V::COUNT; j += V::COUNT)
    step_line<BiasStep>(mine, place_of(w).from(w.n_in * w.stride), j, V::all(w.bias), V::load(d + j));
}

// Layers d-1 ... 1, from d_d down to d_1; each takes its step.
template <class Step, class BiasStep, class T>
void lanes_single_back(const LanesRoom<T>& all, const Network& net, const StepConstants<T>& k) {
  const Room<T>& room = all.room;
  for (int64_t l = net.depth - 1; l > 0; l--) {
    const Weights<T>& w = room.weights[l];
    const Nodes<T>& from = room.nodes[l];
    const T* d = room.nodes[l + 1].delta;
    const Activation sigma = room.weights[l - 1].sigma;
    if (lanes_thin(w, l) && w.n_out == 1)
      lanes_thin_back<Step, T, 1>(w, k, d, from, sigma);
    else if (lanes_thin(w, l))
      lanes_thin_back<Step, T, 0>(w, k, d, from, sigma);
    else if (HAS_SPECIAL_WIDTHS && w.n_out == LANES<T>)
      lanes_wide_back<Step, T, SPECIAL<1>>(w, k, d, from, sigma);
    else if (HAS_SPECIAL_WIDTHS && w.n_out == 2 * LANES<T>)
      lanes_wide_back<Step, T, SPECIAL<2>>(w, k, d, from, sigma);
    else
      lanes_wide_back<Step, T, 0>(w, k, d, from, sigma);
    lanes_bias_back<BiasStep>(w, k, d);
    if (!is_immediate(sigma)) through_activation(sigma, net.straight_through, from, 1);
  }
}

// The step of layer 0, for inputs x.
template <class Step, class BiasStep, class T>
void lanes_step_first(const LanesRoom<T>& all, const StepConstants<T>& k, const T* x) {
  using V = typename LanesOf<T>::V;
  const Weights<T>& w = all.room.weights[0];
  const T* d = all.room.nodes[1].delta;
  for (int64_t i = 0; i < w.n_in; i++)
    for (int64_t j = 0; j < w.n_out * V::COUNT; j += V::COUNT)
      step_line<Step>(k, place_of(w).from(i * w.stride), j, V::all(x[i]), V::load(d + j));
  lanes_bias_back<BiasStep>(w, k, d);
}

// ---------------------------------------------------------------- the output

// L of each restart for targets y; d_d = scale delta_d. The slope comes after the loss, as in output_delta.
template <class T>
void lanes_single_output(const LanesRoom<T>& all, const Network& net, const T* y, T scale) {
  using V = typename LanesOf<T>::V;
  const Activation sigma = all.room.weights[net.depth - 1].sigma;
  T* const d = all.room.nodes[net.depth].delta;
  bool is_whole = true;
  with_loss(net.loss, sigma, [&](auto row) __attribute__((always_inline)) {
    constexpr bool FUSED = decltype(row)::FUSED;
    is_whole = FUSED || sigma == IDENTITY;
    V sum = V::all(0);
    for (int64_t j = 0; j < net.n_d; j++) {
      const auto o = lanes_output_at(all, net, y, j);
      const V term = row.term(o);
      sum = j == 0 ? term : sum + term;
      V delta;
      if constexpr (FUSED)
        delta = o.v - o.y;
      else
        delta = row.dL_dv(o);
      (is_whole ? delta * V::all(scale) : delta).store(d + j * V::COUNT);
    }
    sum.store(all.loss);
  });
  if (is_whole) return;
  with_activation(sigma, net.straight_through, [&](auto row) __attribute__((always_inline)) {
    for (int64_t j = 0; j < net.n_d; j++) {
      const auto o = lanes_output_at(all, net, y, j);
      (V::load(d + j * V::COUNT) * row.derivative(o.s, o.v) * V::all(scale)).store(d + j * V::COUNT);
    }
  });
}

}  // namespace
}  // namespace descend
