// Plain SGD on single samples, in lanes of restarts: the gradient goes straight into the weights. Those of layer 0,
// which nothing needs before the next sample comes, change while they are read for its sums: one pass over W_0 instead
// of two.
#pragma once

#include "lanes_backward.hpp"

namespace descend {
namespace {

// w = fma(-eta, g', w), g' = fma(lambda, w, g), g = v delta
template <class V, bool DECAYS>
struct SgdStep {
  V minus_eta, lambda;

  INLINE V after(V w, V v, V delta) const {
    V g = fma(v, delta, V::all(0));
    if constexpr (DECAYS) g = fma(lambda, w, g);
    return fma(minus_eta, g, w);
  }
  INLINE void put(const Weights<typename V::T>& layer, int64_t at, V w, V v, V delta) const {
    after(w, v, delta).store(layer.W + at);
  }
};

// What is still to be done to W_0: the step for the inputs x and the delta_1 that stands in the room; no x: nothing.
template <class T>
struct LateStep {
  const T* x;
  T minus_eta, lambda;
};

// Calls f with the steps of weights and of bias rows.
template <class T, class F>
INLINE void with_steps(const LateStep<T>& late, F f) {
  using V = typename LanesOf<T>::V;
  const V minus_eta = V::all(late.minus_eta), lambda = V::all(late.lambda);
  const SgdStep<V, false> plain{minus_eta, lambda};
  if (late.lambda == T(0)) return f(plain, plain);
  f(SgdStep<V, true>{minus_eta, lambda}, plain);
}

// Layers d-1 ... 1; layer 0 is left to be done late.
template <class T>
void lanes_sgd(const LanesRoom<T>& all, const Network& net, const LateStep<T>& late) {
  with_steps(late, [&](auto step, auto bias_step) { lanes_back_to_first(all, net, step, bias_step); });
}

template <class T>
void do_late_step(const LanesRoom<T>& all, const LateStep<T>& late) {
  with_steps(late, [&](auto step, auto bias_step) { lanes_first_layer(all, late.x, step, bias_step); });
}

// ---------------------------------------------------------------- the late step and the next sums

constexpr int LATE_WIDE = PIECES == 1 ? 8 : PIECES == 2 ? 2 : 1;

template <class V, int WIDE, class Step, class BiasStep>
INLINE void late_tile(const Weights<typename V::T>& w, const typename V::T* before, const typename V::T* delta,
                      const typename V::T* x, typename V::T* s, int64_t j, const Step& step,
                      const BiasStep& bias_step) {
  using T = typename V::T;
  T *at = w.W + j * V::COUNT, *bias_row = at + w.n_in * w.stride;
  V a[WIDE], d[WIDE];
#pragma GCC unroll 8
  for (int k = 0; k < WIDE; k++) {
    d[k] = V::load(delta + (j + k) * V::COUNT), a[k] = V::all(0);
    if (w.rows == w.n_in) continue;
    const V one = bias_step.after(V::load(bias_row + k * V::COUNT), V::all(w.bias), d[k]);
    one.store(bias_row + k * V::COUNT);
    a[k] = one * V::all(w.bias);
  }
  for (int64_t i = 0; i < w.n_in; i++, at += w.stride) {
    const V old = V::all(before[i]), now = V::all(x[i]);
#pragma GCC unroll 8
    for (int k = 0; k < WIDE; k++) {
      const V one = step.after(V::load(at + k * V::COUNT), old, d[k]);
      one.store(at + k * V::COUNT);
      a[k] = fma(now, one, a[k]);
    }
  }
#pragma GCC unroll 8
  for (int k = 0; k < WIDE; k++) a[k].store(s + (j + k) * V::COUNT);
}

template <class V, int WIDE, class Step, class BiasStep>
void late_tiles(const LanesRoom<typename V::T>& all, const typename V::T* before, const typename V::T* x, int64_t j,
                const Step& step, const BiasStep& bias_step) {
  const Weights<typename V::T>& w = all.room.weights[0];
  const Nodes<typename V::T>& to = all.room.nodes[1];
  for (; j + WIDE <= w.n_out; j += WIDE) late_tile<V, WIDE>(w, before, to.delta, x, to.s, j, step, bias_step);
  if constexpr (WIDE > 1) {
    if (j < w.n_out) late_tiles<V, WIDE / 2>(all, before, x, j, step, bias_step);
  }
}

// The late step, then the forward pass of the sample with inputs x.
template <class T>
void step_and_forward(const LanesRoom<T>& all, const LateStep<T>& late, const T* x) {
  using V = typename LanesOf<T>::V;
  with_steps(late, [&](auto step, auto bias_step) { late_tiles<V, LATE_WIDE>(all, late.x, x, 0, step, bias_step); });
  lanes_onward(all);
}

}  // namespace
}  // namespace descend
