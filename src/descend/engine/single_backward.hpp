// Back-propagation of one sample through one network, the mirror of single_forward.hpp: each layer's weights take
// d_(l+1) down to layer l and their own step in one pass. d is delta times StepConstants::scale.
//
//   d_d = scale w_t delta_d;  d_l = (W~_l d_(l+1)) * sigma'(s_l), with the weights as they were before their step
#pragma once

#include "losses.hpp"
#include "single_forward.hpp"

namespace descend {
namespace {

// ---------------------------------------------------------------- one pass over the weights of a layer

// Rows i ... i + p - 1 of a wide layer: lane r of the result is sum_j W[i + r, j] d[j]; LINES 0: any number of lines.
template <class Step, class V, int LINES>
INLINE V wide_rows(const SingleLayer<typename V::T>& w, const StepConstants<typename V::T>& k,
                   const typename V::T* v, const V* d, int64_t i) {
  constexpr int64_t P = V::COUNT;
  return fold_rows<V>([&](int r) __attribute__((always_inline)) {
    const int64_t at = (i + r) * w.stride;
    const V value = V::all(v[i + r]);
    V a = V::all(0);
    if constexpr (LINES > 0) {
#pragma GCC unroll 8
      for (int q = 0; q < LINES; q++) a = fma(step_line<Step>(k, w.weights, at + q * P, value, d[q]), d[q], a);
    } else {
      for (int64_t j = 0; j < w.stride; j += P) {
        const V one = V::load(w.d + j);
        a = fma(step_line<Step>(k, w.weights, at + j, value, one), one, a);
      }
    }
    return a;
  });
}

// below[i] = sum_j W[i, j] d[j], and the step of W
template <class Step, class T, int LINES>
void wide_back(const SingleLayer<T>& w, const StepConstants<T>& k, const T* v, T* below) {
  using V = typename LanesOf<T>::V;
  V d[LINES > 0 ? LINES : 1];
#pragma GCC unroll 8
  for (int q = 0; q < LINES; q++) d[q] = V::load(w.d + q * V::COUNT);
  for (int64_t i = 0; i < w.n_in; i += V::COUNT) wide_rows<Step, V, LINES>(w, k, v, d, i).store(below + i);
}

// The same for a thin layer: one chain over j for each i.
template <class Step, class T>
void thin_back(const SingleLayer<T>& w, const StepConstants<T>& k, const T* v, T* below) {
  using V = typename LanesOf<T>::V;
  for (int64_t i = 0; i < w.stride; i += V::COUNT) {
    const V value = V::load(v + i);
    V a = V::all(T(-0.0));
    for (int64_t j = 0; j < w.n_out; j++) {
      const V d = V::all(w.d[j]);
      a = fma(step_line<Step>(k, w.weights, j * w.stride + i, value, d), d, a);
    }
    a.store(below + i);
  }
}

// The bias row is not decayed.
template <class BiasStep, class T>
INLINE void bias_back(const SingleLayer<T>& w, const StepConstants<T>& k) {
  using V = typename LanesOf<T>::V;
  if (!w.has_bias) return;
  const StepConstants<T> mine = k.of_bias();
  for (int64_t j = 0; j < w.n_out; j += V::COUNT)
    step_line<BiasStep>(mine, w.bias_row, j, V::all(w.bias), V::load(w.d + j));
}

// d below = (W~ d) * sigma'(s), the layer's weights and bias row take their step.
template <class Step, class BiasStep, class T>
INLINE void back_through(const SingleLayer<T>& w, const SingleLayer<T>& from, const StepConstants<T>& k,
                         bool straight_through) {
  using V = typename LanesOf<T>::V;
  if (w.thin)
    thin_back<Step>(w, k, from.v, from.d);
  else if (w.stride == V::COUNT)
    wide_back<Step, T, 1>(w, k, from.v, from.d);
  else if (w.stride == 2 * V::COUNT)
    wide_back<Step, T, 2>(w, k, from.v, from.d);
  else if (w.stride == 4 * V::COUNT)
    wide_back<Step, T, 4>(w, k, from.v, from.d);
  else
    wide_back<Step, T, 0>(w, k, from.v, from.d);
  bias_back<BiasStep>(w, k);
  with_activation(from.sigma, straight_through, [&](auto row) __attribute__((always_inline)) {
    for (int64_t i = 0; i < from.n_out; i += V::COUNT)
      (V::load(from.d + i) * row.derivative(V::load(from.s + i), V::load(from.v + i))).store(from.d + i);
  });
}

// The step of layer 0, through which nothing goes further down.
template <class Step, class BiasStep, class T>
void step_first(const SingleLayer<T>& w, const StepConstants<T>& k, const T* x) {
  using V = typename LanesOf<T>::V;
  for (int64_t i = 0; i < w.n_in; i++) {
    const V value = V::all(x[i]);
    for (int64_t j = 0; j < w.stride; j += V::COUNT)
      step_line<Step>(k, w.weights, i * w.stride + j, value, V::load(w.d + j));
  }
  bias_back<BiasStep>(w, k);
}

// ---------------------------------------------------------------- the output

template <class T>
void take_target(const SingleRoom<T>& room, const T* y) {
  const int64_t n_d = room.layers[room.depth - 1].n_out;
  for (int64_t j = 0; j < n_d; j++) room.y[j] = y[j];
}

template <class T>
INLINE Output<typename LanesOf<T>::V> single_output(const SingleRoom<T>& room, int64_t j, T log_sum) {
  using V = typename LanesOf<T>::V;
  const SingleLayer<T>& w = room.layers[room.depth - 1];
  return {V::load(room.y + j), V::load(w.s + j), V::load(w.v + j), V::load(room.parameter + j), V::all(log_sum)};
}

// Returns L; d_d = delta_d, padding 0.
template <class T>
T output_loss(const SingleRoom<T>& room, const Network& net, T log_sum) {
  using V = typename LanesOf<T>::V;
  const SingleLayer<T>& w = room.layers[room.depth - 1];
  with_loss(net.loss, w.sigma, [&](auto row) __attribute__((always_inline)) {
    for (int64_t j = 0; j < w.n_out; j += V::COUNT) {
      const auto o = single_output(room, j, log_sum);
      row.term(o).store(room.terms + j);
      V delta;
      if constexpr (decltype(row)::FUSED) {
        delta = o.v - o.y;
      } else {
        delta = row.dL_dv(o);
      }
      delta.store(w.d + j);
    }
    if constexpr (!decltype(row)::FUSED)
      with_activation(w.sigma, net.straight_through, [&](auto sigma) __attribute__((always_inline)) {
        for (int64_t j = 0; j < w.n_out; j += V::COUNT)
          (V::load(w.d + j) * sigma.derivative(V::load(w.s + j), V::load(w.v + j))).store(w.d + j);
      });
  });
  T sum = room.terms[0];
  for (int64_t j = 1; j < w.n_out; j++) sum = sum + room.terms[j];
  return sum;
}

// d_d = scale delta_d, and 0 in the padding
template <class T>
INLINE void scale_output(const SingleRoom<T>& room, T scale) {
  using V = typename LanesOf<T>::V;
  const SingleLayer<T>& w = room.layers[room.depth - 1];
  for (int64_t j = 0; j < w.n_out; j += V::COUNT)
    select(V::load(room.inside + j) > V::all(0), V::load(w.d + j) * V::all(scale), V::all(0)).store(w.d + j);
}

}  // namespace
}  // namespace descend
