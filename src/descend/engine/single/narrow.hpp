// Rounds of plain SGD, one sample at a time, of a network with one narrow hidden layer of ReLU and one output. In so
// small a network each operation waits for the one before, and ways through memory are most of the waiting: here only
// W_0 stays in memory, all else in registers for a whole stretch. Operations and their order are those of
// single/forward.hpp and single/backward.hpp.
#pragma once

#include "contract/regime.hpp"
#include "numbers/count.hpp"
#include "single/backward.hpp"

namespace descend {
namespace {

// d_d, in all lanes, and L of one output.
template <class V>
struct OneOutput {
  V d;
  typename V::T loss;
};

template <class V>
__attribute__((noinline)) OneOutput<V> any_output(const Network& net, Activation sigma, V s, V y, V scale) {
  Output<V> o{y, s, s, V::all(static_cast<typename V::T>(net.loss_parameter[0])), V::all(0)};
  with_activation(sigma, false, [&](auto row) __attribute__((always_inline)) { o.v = row.value(s); });
  V terms = V::all(0);
  const V delta = output_delta(net, sigma, o, terms);
  return {delta * scale, terms.p[0][0]};
}

template <class V>
INLINE OneOutput<V> one_output(const Network& net, Activation sigma, V s, V y, V scale) {
  if (net.loss == SQUARED && sigma == IDENTITY) {
    const Output<V> o{y, s, s, y, y};
    return {Squared::dL_dv(o) * scale, Squared::term(o).p[0][0]};
  }
  return any_output(net, sigma, s, y, scale);
}

// LINES: of the hidden layer; CHAINS: of its sums.
template <class T, class Step, class BiasStep, int LINES, int CHAINS>
struct NarrowRounds {
  using V = typename LanesOf<T>::V;
  static constexpr int64_t P = V::COUNT;

  const SingleRoom<T>& room;
  const Network& net;
  const SingleLayer<T> first = room.layers[0], last = room.layers[1];
  V bias_0[LINES]{}, W_1[LINES]{}, bias_1{}, s[LINES]{}, d[LINES]{};  // d: of the hidden layer

  INLINE void take() {
#pragma GCC unroll 4
    for (int q = 0; q < LINES; q++) {
      bias_0[q] = V::load(first.bias_row.w + q * P);
      W_1[q] = V::load(last.weights.w + q * P);
    }
    bias_1 = V::all(last.bias_row.w[0]);
  }

  INLINE void give_back() {
#pragma GCC unroll 4
    for (int q = 0; q < LINES; q++) {
      bias_0[q].store(first.bias_row.w + q * P);
      W_1[q].store(last.weights.w + q * P);
      d[q].store(first.d + q * P);
    }
    last.bias_row.w[0] = bias_1.p[0][0];
  }

  // s of the hidden layer; LATE: W_0 and its bias row take their step for the sample before, with inputs `past`.
  template <bool LATE>
  INLINE void sums(const T* x, const T* past, T shrink) {
    tiles<LATE, 0>(x, past, shrink);
  }

  // The lines from FROM on, as many at a time as have their sums and d in registers.
  template <bool LATE, int FROM>
  INLINE void tiles(const T* x, const T* past, T shrink) {
    constexpr int MOST = PIECES == 1 ? (LINES < 2 ? LINES : 2) : LINES == 2 && CHAINS == 1 ? 2 : 1, LEFT = LINES - FROM;
    tile<LATE, FROM, (LEFT < MOST ? LEFT : MOST)>(x, past, shrink);
    if constexpr (LEFT > MOST) tiles<LATE, FROM + MOST>(x, past, shrink);
  }

  template <bool LATE, int FROM, int COUNT>
  INLINE void tile(const T* x, const T* past, T shrink) {
    V a[CHAINS][COUNT], none{};
    const V c = V::all(first.bias);
    StepConstants<T> k{};
    k.shrink = shrink;
#pragma GCC unroll 4
    for (int q = 0; q < COUNT; q++) {
      if constexpr (LATE)
        if (first.has_bias) bias_0[FROM + q] = fma(c, d[FROM + q], bias_0[FROM + q]);
      a[0][q] = first.has_bias ? c * bias_0[FROM + q] : V::all(0);
#pragma GCC unroll 8
      for (int h = 1; h < CHAINS; h++) a[h][q] = V::all(0);
    }
    T* at = first.weights.w + FROM * P;
    rows_in_chains<CHAINS>(first.n_in, [&](int h, int64_t i) __attribute__((always_inline)) {
      const V value = V::all(x[i]);
#pragma GCC unroll 4
      for (int q = 0; q < COUNT; q++) {
        V w = V::load(at + q * P);
        if constexpr (LATE) {
          Step::apply(k, V::all(past[i]), d[FROM + q], w, none, none);
          w.store(at + q * P);
        }
        a[h][q] = fma(value, w, a[h][q]);
      }
      at += first.stride;
    });
    join_chains(a);
#pragma GCC unroll 4
    for (int q = 0; q < COUNT; q++) s[FROM + q] = a[0][q];
  }

  // From s on: the loss, d of the hidden layer, the steps of W_1 and its bias; false, and no step, if the sum of losses
  // is not finite.
  INLINE bool onward(const StepConstants<T>& k, T y, T weight, double& epoch_loss) {
    V v[LINES], none{}, chain = V::all(0);
#pragma GCC unroll 4
    for (int q = 0; q < LINES; q++) {
      v[q] = Relu::value(s[q]);
      chain = fma(v[q], W_1[q], chain);
    }
    V s_1 = V::all(fold(chain));
    if (last.has_bias) s_1 = s_1 + V::all(last.bias) * bias_1;
    const OneOutput<V> output = one_output(net, last.sigma, s_1, V::all(y), V::all(k.scale * weight));
    epoch_loss = epoch_loss + static_cast<double>(weight) * static_cast<double>(output.loss);
    if (!__builtin_isfinite(epoch_loss)) return false;
#pragma GCC unroll 4
    for (int q = 0; q < LINES; q++) {
      d[q] = W_1[q] * output.d * Relu::derivative(s[q], v[q]);
      Step::apply(k, v[q], output.d, W_1[q], none, none);
    }
    if (last.has_bias) BiasStep::apply(k, V::all(last.bias), output.d, bias_1, none, none);
    return true;
  }
};

// Calls f with LINES and CHAINS of a narrow network; the product of both is at most 8 (contract/order.hpp).
template <class F>
INLINE void with_narrow(int64_t lines, int64_t chains, F f) {
  const auto with_chains = [&](auto count) __attribute__((always_inline)) {
    constexpr int LINES = decltype(count)::VALUE;
    if constexpr (LINES == 1)
      if (chains == 8) return f(Count<LINES>{}, Count<8>{});
    if constexpr (LINES <= 2)
      if (chains == 4) return f(Count<LINES>{}, Count<4>{});
    chains == 2 ? f(Count<LINES>{}, Count<2>{}) : f(Count<LINES>{}, Count<1>{});
  };
  with_few<NARROW_LINES>(lines, with_chains);
}

}  // namespace
}  // namespace descend
