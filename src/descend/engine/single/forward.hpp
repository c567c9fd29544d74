// The forward pass of one sample through one network, in the order for rounds of a single sample (contract/order.hpp).
// For plain SGD the step of W_0 for the sample before is still to be done, and is done while W_0 is read for this one:
// one pass over W_0 instead of two.
#pragma once

#include "numbers/activations.hpp"
#include "numbers/fold.hpp"
#include "single/room.hpp"

namespace descend {
namespace {

// Nothing is left to be done to W_0.
struct Done {
  static constexpr bool IS_LATE = false;
};

// The step of SGD for the sample before: its inputs x, d of layer 1, and 1 - eta lambda.
template <class T, class Step>
struct Late {
  static constexpr bool IS_LATE = true;
  const T *x, *d;
  T shrink;
};

// Activations that cost nothing where s is at hand.
INLINE bool is_immediate(Activation sigma) { return sigma == RELU || sigma == IDENTITY; }

// s, and v where it is immediate.
template <class V>
INLINE void store_sums(const SingleLayer<typename V::T>& w, int64_t j, V s) {
  s.store(w.s + j);
  if (w.sigma == RELU)
    Relu::value(s).store(w.v + j);
  else if (w.sigma == IDENTITY)
    s.store(w.v + j);
}

// ---------------------------------------------------------------- wide layers

// Lines of columns that one tile takes: with CHAINS chains each they fill the registers. Where the tile also steps the
// weights, half as many: a store and the addend of an fma share a way out of the registers (Zen 5: two fma and a store
// take two cycles, not one), unless the addend comes straight from the fma before it, as in chains that wait for
// nothing but themselves.
template <int CHAINS, bool IS_LATE>
constexpr int TILE_LINES = [] {
  constexpr int most = (PIECES == 1 ? 8 : PIECES == 2 ? 4 : 2) / CHAINS / (IS_LATE ? 2 : 1);
  return most > 0 ? most : 1;
}();

// The weights of a line as they stand after the step for the sample before.
template <class V, class T, class Step>
INLINE V stepped(const Late<T, Step>& late, T* at, V past, V d) {
  StepConstants<T> k{};
  k.shrink = late.shrink;
  V w = V::load(at), none{};
  Step::apply(k, past, d, w, none, none);
  w.store(at);
  return w;
}
template <class V, class T>
INLINE V stepped(const Done&, const T* at, V, V) {
  return V::load(at);
}

// c W[bias, j], after the step of W[bias, j], which is never decayed
template <class V, class T, class Before>
INLINE V first_term(const SingleLayer<T>& w, const Before&, int64_t j, V d) {
  if (!w.has_bias) return V::all(0);
  V one = V::load(w.bias_row.w + j);
  if constexpr (Before::IS_LATE) {
    one = fma(V::all(w.bias), d, one);
    one.store(w.bias_row.w + j);
  }
  return V::all(w.bias) * one;
}

// (a_0 + a_1) + (a_2 + a_3), ...
template <class V, int CHAINS, int LINES>
INLINE void join_chains(V (&a)[CHAINS][LINES]) {
#pragma GCC unroll 8
  for (int h = 1; h < CHAINS; h *= 2)
#pragma GCC unroll 8
    for (int k = 0; k + h < CHAINS; k += 2 * h)
#pragma GCC unroll 8
      for (int q = 0; q < LINES; q++) a[k][q] = a[k][q] + a[k + h][q];
}

// Calls row(k, i) for i = 0 ... n_in - 1, one after the other, with the chain k = i mod CHAINS that it belongs to.
template <int CHAINS, class Row>
INLINE void rows_in_chains(int64_t n_in, const Row& row) {
  int64_t i = 0;
  for (; i + CHAINS <= n_in; i += CHAINS)
#pragma GCC unroll 8
    for (int k = 0; k < CHAINS; k++) row(k, i + k);
#pragma GCC unroll 8
  for (int k = 0; k < CHAINS - 1; k++)
    if (i + k < n_in) row(k, i + k);
}

// s[j] = c W[bias, j] + sum_i x[i] W[i, j] for LINES lines of columns from j on
template <class V, int LINES, int CHAINS, class Before>
void wide_tile(const SingleLayer<typename V::T>& w, const typename V::T* x, int64_t j, const Before& before_of_all) {
  constexpr int64_t P = V::COUNT;
  const Before before = before_of_all;  // what stays in memory is loaded again after each store of a weight
  V a[CHAINS][LINES], d[LINES];
#pragma GCC unroll 8
  for (int q = 0; q < LINES; q++) {
    if constexpr (Before::IS_LATE) d[q] = V::load(before.d + j + q * P);
    a[0][q] = first_term<V>(w, before, j + q * P, d[q]);
#pragma GCC unroll 8
    for (int k = 1; k < CHAINS; k++) a[k][q] = V::all(0);
  }
  typename V::T* at = w.weights.w + j;
  rows_in_chains<CHAINS>(w.n_in, [&](int k, int64_t i) __attribute__((always_inline)) {
    const V value = V::all(x[i]);
    V past;
    if constexpr (Before::IS_LATE) past = V::all(before.x[i]);
#pragma GCC unroll 8
    for (int q = 0; q < LINES; q++) a[k][q] = fma(value, stepped<V>(before, at + q * P, past, d[q]), a[k][q]);
    at += w.stride;
  });
  join_chains(a);
#pragma GCC unroll 8
  for (int q = 0; q < LINES; q++) store_sums(w, j + q * P, a[0][q]);
}

// All columns from j on, in tiles of LINES lines, then of half as many.
template <class V, int LINES, int CHAINS, class Before>
INLINE void wide_tiles(const SingleLayer<typename V::T>& w, const typename V::T* x, int64_t j, const Before& before) {
  for (; j + LINES * V::COUNT <= w.columns; j += LINES * V::COUNT) wide_tile<V, LINES, CHAINS>(w, x, j, before);
  if constexpr (LINES > 1) {
    if (j < w.columns) wide_tiles<V, LINES / 2, CHAINS>(w, x, j, before);
  }
}

template <class T, class Before>
INLINE void wide_sums(const SingleLayer<T>& w, const T* x, const Before& before) {
  using V = typename LanesOf<T>::V;
  constexpr bool LATE = Before::IS_LATE;
  switch (w.chains) {
    case 1:
      return wide_tiles<V, TILE_LINES<1, LATE>, 1>(w, x, 0, before);
    case 2:
      return wide_tiles<V, TILE_LINES<2, LATE>, 2>(w, x, 0, before);
    case 4:
      return wide_tiles<V, TILE_LINES<4, LATE>, 4>(w, x, 0, before);
    default:
      return wide_tiles<V, TILE_LINES<8, LATE>, 8>(w, x, 0, before);
  }
}

// ---------------------------------------------------------------- wide layers above ReLU, rows that count

// Rows whose s is not below 0.
template <class T>
INLINE void list_active(const SingleLayer<T>& w, const T* s) {
  int64_t count = 0;
  for (int64_t i = 0; i < w.n_in; i++) {
    w.active[count] = static_cast<uint32_t>(i);
    count += !(s[i] < T(0));
  }
  *w.active_count = count;
}

template <class V, int LINES>
void active_tile(const SingleLayer<typename V::T>& w, const typename V::T* v, int64_t j) {
  constexpr int64_t P = V::COUNT;
  V a[LINES];
#pragma GCC unroll 16
  for (int q = 0; q < LINES; q++) a[q] = first_term<V>(w, Done{}, j + q * P, V::all(0));
  const int64_t count = *w.active_count;
  for (int64_t k = 0; k < count; k++) {
    const int64_t i = w.active[k];
    const typename V::T* at = w.weights.w + i * w.stride + j;
    const V value = V::all(v[i]);
#pragma GCC unroll 16
    for (int q = 0; q < LINES; q++) a[q] = fma(value, V::load(at + q * P), a[q]);
  }
#pragma GCC unroll 16
  for (int q = 0; q < LINES; q++) store_sums(w, j + q * P, a[q]);
}

template <class V, int LINES>
INLINE void active_sums(const SingleLayer<typename V::T>& w, const typename V::T* v, int64_t j) {
  for (; j + LINES * V::COUNT <= w.columns; j += LINES * V::COUNT) active_tile<V, LINES>(w, v, j);
  if constexpr (LINES > 1) {
    if (j < w.columns) active_sums<V, LINES / 2>(w, v, j);
  }
}

// ---------------------------------------------------------------- thin layers

// Lane q: the chain over i = q, q + p, ...
template <class V>
INLINE V thin_chains(const SingleLayer<typename V::T>& w, const typename V::T* v, int64_t j) {
  const typename V::T* at = w.weights.w + j * w.stride;
  V a = V::all(0);
  for (int64_t i = 0; i < w.columns; i += V::COUNT) a = fma(V::load(v + i), V::load(at + i), a);
  return a;
}

// Lane j: F of the chains of node j; other lanes 0.
template <class V>
INLINE V few_thin_sums(const SingleLayer<typename V::T>& w, const typename V::T* v) {
  const V lane = V::load(w.lane_numbers);
  V a = V::all(fold(thin_chains<V>(w, v, 0)));
  for (int64_t j = 1; j < w.n_out; j++)
    a = select(lane >= V::all(static_cast<typename V::T>(j)), V::all(fold(thin_chains<V>(w, v, j))), a);
  return select(lane >= V::all(static_cast<typename V::T>(w.n_out)), V::all(0), a);
}

// s[j] = F of the chains + c W[bias, j]
template <class T>
INLINE void thin_sums(const SingleLayer<T>& w, const T* v) {
  using V = typename LanesOf<T>::V;
  constexpr int64_t P = V::COUNT, FEW = 3;
  for (int64_t j = 0; j < w.n_out; j += P) {
    V a;
    if (w.n_out <= FEW)
      a = few_thin_sums<V>(w, v);
    else
      a = fold_rows<V>([&](int r) __attribute__((always_inline)) {
        return j + r < w.n_out ? thin_chains<V>(w, v, j + r) : V::all(0);
      });
    if (w.has_bias) a = a + V::all(w.bias) * V::load(w.bias_row.w + j);
    store_sums(w, j, a);
  }
}

// ---------------------------------------------------------------- activations

// v_j = e^(s_j - max) / sum_k e^(s_k - max); returns log sum_k e^(s_k)
template <class T>
T single_softmax(const SingleLayer<T>& w) {
  using V = typename LanesOf<T>::V;
  T top = w.s[0];
  for (int64_t j = 1; j < w.n_out; j++) top = w.s[j] > top ? w.s[j] : top;
  for (int64_t j = 0; j < w.n_out; j += V::COUNT) exp(V::load(w.s + j) - V::all(top)).store(w.v + j);
  T sum = w.v[0];
  for (int64_t j = 1; j < w.n_out; j++) sum = sum + w.v[j];
  for (int64_t j = 0; j < w.n_out; j += V::COUNT) (V::load(w.v + j) / V::all(sum)).store(w.v + j);
  for (int64_t j = w.n_out; j < w.out_lines(); j++) w.v[j] = 0;
  alignas(64) T log_sum[V::COUNT];
  (V::all(top) + log(V::all(sum))).store(log_sum);
  return log_sum[0];
}

// v = sigma(s); where sigma(0) is not 0 the padding is set to 0 again.
template <class T>
void single_activate(const SingleLayer<T>& w) {
  using V = typename LanesOf<T>::V;
  with_activation(w.sigma, false, [&](auto row) __attribute__((always_inline)) {
    for (int64_t j = 0; j < w.n_out; j += V::COUNT) row.value(V::load(w.s + j)).store(w.v + j);
  });
  if (w.sigma == SIGMOID || w.sigma == SOFTPLUS || w.sigma == EXP)
    for (int64_t j = w.n_out; j < w.out_lines(); j++) w.v[j] = 0;
}

// s of a layer from the one below.
template <class T>
INLINE void single_sums(const SingleLayer<T>& w, const SingleLayer<T>& below) {
  if (w.thin) return thin_sums(w, below.v);
  if (!w.active) return wide_sums(w, below.v, Done{});
  list_active(w, below.s);
  active_sums<typename LanesOf<T>::V, PIECES == 1 ? 16 : PIECES == 2 ? 4 : 2>(w, below.v, 0);
}

// All layers, once the sums of the first are known. Returns log sum e^s of softmax outputs. Not in the place of its
// calls: there are eleven, and it is long.
template <class T>
__attribute__((noinline)) T single_onward(const SingleRoom<T>& room) {
  T log_sum = 0;
  for (int64_t l = 0; l < room.depth; l++) {
    const SingleLayer<T>& w = room.layers[l];
    if (l > 0) single_sums(w, room.layers[l - 1]);
    if (w.sigma == SOFTMAX)
      log_sum = single_softmax(w);
    else if (!is_immediate(w.sigma))
      single_activate(w);
  }
  return log_sum;
}

// All layers from the inputs x; `before` is the step that W_0 still waits for.
template <class T, class Before>
INLINE T single_forward(const SingleRoom<T>& room, const T* x, const Before& before) {
  wide_sums(room.layers[0], x, before);
  return single_onward(room);
}

}  // namespace
}  // namespace descend
