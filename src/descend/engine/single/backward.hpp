// Back-propagation of one sample through one network, the mirror of single/forward.hpp: each layer's weights take
// d_(l+1) down to layer l and their own step in one pass. d is delta times StepConstants::scale.
//
//   d_d = scale w_t delta_d;  d_l = (W~_l d_(l+1)) * sigma'(s_l), with the weights as they were before their step
#pragma once

#include "numbers/losses.hpp"
#include "single/forward.hpp"

namespace descend {
namespace {

// ---------------------------------------------------------------- one pass over the weights of a layer

// d[i] = dL/dv[i] sigma'(s[i]) of a layer, where sigma' is immediate; else dL/dv[i], for through_slope.
template <class V>
INLINE void store_below(const SingleLayer<typename V::T>& below, int64_t i, V dL_dv) {
  if (below.sigma == RELU) {
    const V s = V::load(below.s + i);
    dL_dv = dL_dv * Relu::derivative(s, s);
  }
  dL_dv.store(below.d + i);
}

template <class T>
void through_slope(const SingleLayer<T>& below, bool straight_through) {
  using V = typename LanesOf<T>::V;
  with_activation(below.sigma, straight_through, [&](auto row) __attribute__((always_inline)) {
    for (int64_t i = 0; i < below.n_out; i += V::COUNT)
      (V::load(below.d + i) * row.derivative(V::load(below.s + i), V::load(below.v + i))).store(below.d + i);
  });
}

// Rows i ... i + p - 1 of a wide layer: lane r of the result is sum_j W[i + r, j] d[j]; LINES 0: any number of lines.
template <class Step, class V, int LINES>
INLINE V wide_rows(const SingleLayer<typename V::T>& w, const StepConstants<typename V::T>& k, const typename V::T* v,
                   const V* d, int64_t i) {
  constexpr int64_t P = V::COUNT;
  return fold_rows<V>([&](int r) __attribute__((always_inline)) {
    const int64_t at = (i + r) * w.stride;
    const V value = V::all(v[i + r]);
    V a = V::all(0);
    if constexpr (LINES > 0) {
#pragma GCC unroll 8
      for (int q = 0; q < LINES; q++) a = fma(step_line<Step>(k, w.weights, at + q * P, value, d[q]), d[q], a);
    } else {
      for (int64_t j = 0; j < w.columns; j += P) {
        const V one = V::load(w.d + j);
        a = fma(step_line<Step>(k, w.weights, at + j, value, one), one, a);
      }
    }
    return a;
  });
}

// dL/dv[i] = sum_j W[i, j] d[j], and the step of W
template <class Step, class T, int LINES>
void wide_back(const SingleLayer<T>& w, const SingleLayer<T>& below, const StepConstants<T>& k) {
  using V = typename LanesOf<T>::V;
  V d[LINES > 0 ? LINES : 1];
#pragma GCC unroll 8
  for (int q = 0; q < LINES; q++) d[q] = V::load(w.d + q * V::COUNT);
  for (int64_t i = 0; i < w.n_in; i += V::COUNT) store_below(below, i, wide_rows<Step, V, LINES>(w, k, below.v, d, i));
}

// Rows that stand side by side, so that their chains do not wait for each other: ROWS of those that count, from the
// first-th on; line r of `lines` becomes the chains of row r.
template <class Step, class V, int ROWS>
INLINE void active_rows(const SingleLayer<typename V::T>& w, const typename V::T* v,
                        const StepConstants<typename V::T>& k, int64_t first, typename V::T* lines) {
  constexpr int64_t P = V::COUNT;
  V a[ROWS], value[ROWS];
  int64_t at[ROWS];
#pragma GCC unroll 4
  for (int r = 0; r < ROWS; r++) {
    const int64_t i = w.active[first + r];
    a[r] = V::all(0), value[r] = V::all(v[i]), at[r] = i * w.stride;
  }
  for (int64_t j = 0; j < w.columns; j += P) {
    const V d = V::load(w.d + j);
#pragma GCC unroll 4
    for (int r = 0; r < ROWS; r++) a[r] = fma(step_line<Step>(k, w.weights, at[r] + j, value[r], d), d, a[r]);
  }
#pragma GCC unroll 4
  for (int r = 0; r < ROWS; r++) a[r].store(lines + r * P);
}

// The same for the rows that count; the others have d 0 and take no step.
template <class Step, class T>
void active_back(const SingleLayer<T>& w, const SingleLayer<T>& below, const StepConstants<T>& k) {
  using V = typename LanesOf<T>::V;
  constexpr int64_t P = V::COUNT, TOGETHER = PIECES == 1 ? 4 : 2;
  const int64_t count = *w.active_count;
  alignas(64) T lines[P * P], sums[P];
  zeros(below.d, w.n_in);
  for (int64_t first = 0; first < count; first += P) {
    const int64_t rows = count - first < P ? count - first : P;
    int64_t r = 0;
    for (; r + TOGETHER <= rows; r += TOGETHER) active_rows<Step, V, TOGETHER>(w, below.v, k, first + r, lines + r * P);
    for (; r < rows; r++) active_rows<Step, V, 1>(w, below.v, k, first + r, lines + r * P);
    fold_rows<V>([&](int row) __attribute__((always_inline)) {
      return row < rows ? V::load(lines + row * P) : V::all(0);
    }).store(sums);
    for (r = 0; r < rows; r++) below.d[w.active[first + r]] = sums[r];
  }
}

// The same for a thin layer: one chain over j for each i.
template <class Step, class T>
void thin_back(const SingleLayer<T>& w, const SingleLayer<T>& below, const StepConstants<T>& k) {
  using V = typename LanesOf<T>::V;
  for (int64_t i = 0; i < w.columns; i += V::COUNT) {
    const V value = V::load(below.v + i);
    const V first = V::all(w.d[0]);
    V a = step_line<Step>(k, w.weights, i, value, first) * first;
    for (int64_t j = 1; j < w.n_out; j++) {
      const V d = V::all(w.d[j]);
      a = fma(step_line<Step>(k, w.weights, j * w.stride + i, value, d), d, a);
    }
    store_below(below, i, a);
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

// d below = (W~ d) * sigma'(s); the layer's weights and bias row take their step.
template <class Step, class BiasStep, class T>
INLINE void back_through(const SingleLayer<T>& w, const SingleLayer<T>& below, const StepConstants<T>& k,
                         bool straight_through) {
  if (w.thin)
    thin_back<Step>(w, below, k);
  else if (Step::SKIPS_ROWS && w.active)
    active_back<Step>(w, below, k);
  else if (HAS_SPECIAL_WIDTHS && w.columns == LINE<T>)
    wide_back<Step, T, SPECIAL<1>>(w, below, k);
  else if (HAS_SPECIAL_WIDTHS && w.columns == 2 * LINE<T>)
    wide_back<Step, T, SPECIAL<2>>(w, below, k);
  else if (HAS_SPECIAL_WIDTHS && w.columns == 4 * LINE<T>)
    wide_back<Step, T, SPECIAL<4>>(w, below, k);
  else
    wide_back<Step, T, 0>(w, below, k);
  bias_back<BiasStep>(w, k);
  if (!is_immediate(below.sigma)) through_slope(below, straight_through);
}

// The step of layer 0, through which nothing goes further down.
template <class Step, class BiasStep, class T>
void step_first(const SingleLayer<T>& w, const StepConstants<T>& k, const T* x) {
  using V = typename LanesOf<T>::V;
  for (int64_t i = 0; i < w.n_in; i++) {
    const V value = V::all(x[i]);
    for (int64_t j = 0; j < w.columns; j += V::COUNT)
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

// delta_d of a line of outputs, and its terms of L: v - y where the loss is fused with the activation, else
// dL/dv_d sigma'(s_d). The slope comes after the loss and not within it, where all activations would be compiled for
// each loss.
template <class V>
INLINE V output_delta(const Network& net, Activation sigma, const Output<V>& o, V& terms) {
  V delta = V::all(0);
  bool is_whole = true;
  with_loss(net.loss, sigma, [&](auto row) __attribute__((always_inline)) {
    terms = row.term(o);
    if constexpr (decltype(row)::FUSED)
      delta = o.v - o.y;
    else
      delta = row.dL_dv(o), is_whole = sigma == IDENTITY;
  });
  if (!is_whole)
    with_activation(sigma, net.straight_through,
                    [&](auto slope) __attribute__((always_inline)) { delta = delta * slope.derivative(o.s, o.v); });
  return delta;
}

// Returns L; d_d = scale delta_d, padding 0.
template <class T>
T single_output_loss(const SingleRoom<T>& room, const Network& net, T log_sum, T scale) {
  using V = typename LanesOf<T>::V;
  const SingleLayer<T>& w = room.layers[room.depth - 1];
  for (int64_t j = 0; j < w.n_out; j += V::COUNT) {
    V terms = V::all(0);
    const V d = output_delta(net, w.sigma, single_output(room, j, log_sum), terms) * V::all(scale);
    terms.store(room.terms + j);
    select(V::load(room.inside + j) > V::all(0), d, V::all(0)).store(w.d + j);
  }
  T sum = room.terms[0];
  for (int64_t j = 1; j < w.n_out; j++) sum = sum + room.terms[j];
  return sum;
}

}  // namespace
}  // namespace descend
