// W <- optimiser(W, gradient), entry by entry. Scalars of a round are computed in float64 and rounded to T once.
#pragma once

#include "batch/room.hpp"
#include "contract/order.hpp"

namespace descend {
namespace {

// What one round needs to know for a group of parameters.
template <class T>
struct RoundConstants {
  T minus_eta, eta, lambda, shrink, momentum, beta_1, one_minus_beta_1, beta_2, one_minus_beta_2, alpha, root, epsilon;
};

// eta_t and lambda_t, and 1 - beta^k of Adam.
struct RoundRates {
  double eta, lambda, past_1, past_2;
};

inline RoundRates rates_of(const Plan& plan, double eta, double lambda, int64_t round) {
  const uint64_t k = static_cast<uint64_t>(round) + 1;
  const bool adaptive = plan.optimizer == ADAM || plan.optimizer == ADAMW;
  return {eta, lambda, adaptive ? 1.0 - whole_power(plan.beta_1, k) : 1.0,
          adaptive ? 1.0 - whole_power(plan.beta_2, k) : 1.0};
}

// For one group of parameters.
template <class T>
RoundConstants<T> round_constants(const Plan& plan, const RoundRates& rates, const Factors& group) {
  const double eta = rates.eta * group.learning_rate, lambda = rates.lambda * group.decay;
  const double past_1 = rates.past_1, past_2 = rates.past_2;
  return {T(-eta),
          T(eta),
          T(plan.optimizer == ADAMW ? 0.0 : lambda),
          T(plan.optimizer == ADAMW ? 1.0 - eta * lambda : 1.0),
          T(plan.momentum),
          T(plan.beta_1),
          T(1.0 - plan.beta_1),
          T(plan.beta_2),
          T(1.0 - plan.beta_2),
          T(plan.epsilon_hat ? eta * __builtin_sqrt(past_2) / past_1 : eta / past_1),
          T(plan.epsilon_hat ? 1.0 : 1.0 / __builtin_sqrt(past_2)),
          T(plan.epsilon)};
}

// Of W~ and of the bias row of one part of the weights.
template <class T>
struct PartConstants {
  RoundConstants<T> weights, bias;
};

template <class T>
PartConstants<T> part_constants(const Plan& plan, const RoundRates& rates, int64_t part) {
  const bool has_bias = part < plan.network.depth;
  const Factors weights = plan.factors[2 * part], bias = plan.factors[2 * part + has_bias];
  PartConstants<T> k{round_constants<T>(plan, rates, weights), {}};
  if (bias.learning_rate != weights.learning_rate || bias.decay != 0)
    k.bias = round_constants<T>(plan, rates, bias);
  else
    k.bias = k.weights, k.bias.lambda = 0, k.bias.shrink = 1;
  return k;
}

// One entry of W with its moments, as Lanes.
template <class V>
struct Entry {
  V w, m, u;
};

// w = fma(-eta, g, w)
struct SgdRow {
  static constexpr int MOMENTS = 0;
  template <class V>
  static INLINE void apply(const RoundConstants<typename V::T>& k, V g, Entry<V>& e) {
    e.w = fma(V::all(k.minus_eta), g, e.w);
  }
};

// V = fma(-eta, g, mu V);  w = w + V
struct MomentumRow {
  static constexpr int MOMENTS = 1;
  template <class V>
  static INLINE void apply(const RoundConstants<typename V::T>& k, V g, Entry<V>& e) {
    e.m = fma(V::all(k.minus_eta), g, V::all(k.momentum) * e.m);
    e.w = e.w + e.m;
  }
};

// V = fma(-eta, g, mu V);  w = w + fma(mu, V, -(eta g))
struct NesterovRow {
  static constexpr int MOMENTS = 1;
  template <class V>
  static INLINE void apply(const RoundConstants<typename V::T>& k, V g, Entry<V>& e) {
    e.m = fma(V::all(k.minus_eta), g, V::all(k.momentum) * e.m);
    e.w = e.w + fma(V::all(k.momentum), e.m, -(V::all(k.eta) * g));
  }
};

// m = fma(1 - beta_1, g, beta_1 m);  u = fma((1 - beta_2) g, g, beta_2 u);  w = w - (alpha m) / fma(sqrt u, r, epsilon)
struct AdamRow {
  static constexpr int MOMENTS = 2;
  template <class V>
  static INLINE void apply(const RoundConstants<typename V::T>& k, V g, Entry<V>& e) {
    e.m = fma(V::all(k.one_minus_beta_1), g, V::all(k.beta_1) * e.m);
    e.u = fma(V::all(k.one_minus_beta_2) * g, g, V::all(k.beta_2) * e.u);
    e.w = e.w - (V::all(k.alpha) * e.m) / fma(square_root(e.u), V::all(k.root), V::all(k.epsilon));
  }
};

// Whether weights change where the gradient is 0.
template <class T>
bool changes(const RoundConstants<T>& k) {
  return k.lambda != T(0) || k.shrink != T(1);
}

// Lanes of a layer, the new w at `to`; g' = fma(lambda, w, g) where lambda is not 0, w = shrink w where shrink is
// not 1.
template <bool CHANGES, class V, class Row>
INLINE void step_lanes(const Weights<typename V::T>& layer, int64_t at, V g, typename V::T* to,
                       const RoundConstants<typename V::T>& k, Row) {
  Entry<V> e{V::load(layer.W + at), V::all(0), V::all(0)};
  if constexpr (Row::MOMENTS >= 1) e.m = V::load(layer.moment_1 + at);
  if constexpr (Row::MOMENTS >= 2) e.u = V::load(layer.moment_2 + at);
  if (CHANGES && k.lambda != 0) g = fma(V::all(k.lambda), e.w, g);
  if (CHANGES && k.shrink != 1) e.w = V::all(k.shrink) * e.w;
  Row::apply(k, g, e);
  e.w.store(to);
  if constexpr (Row::MOMENTS >= 1) e.m.store(layer.moment_1 + at);
  if constexpr (Row::MOMENTS >= 2) e.u.store(layer.moment_2 + at);
}

// `count` entries of a layer from `first` on, the new w at `to`.
template <bool CHANGES, class T, class Row>
INLINE void each_entry(const Weights<T>& layer, int64_t first, int64_t count, const T* gradient, T* to,
                       const RoundConstants<T>& given, Row row) {
  const RoundConstants<T> k = given;  // nothing that is stored can be a part of it
  using V = typename LanesOf<T>::V;
  for (int64_t i = 0; i < count; i += V::COUNT)
    step_lanes<CHANGES>(layer, first + i, V::load(gradient + i), to + i, k, row);
}

template <class T, class Row>
void update_entries(const Weights<T>& layer, int64_t first, int64_t count, const T* gradient, T* to,
                    const RoundConstants<T>& k, Row row) {
  if (changes(k)) return each_entry<true>(layer, first, count, gradient, to, k, row);
  each_entry<false>(layer, first, count, gradient, to, k, row);
}

// Rows first ... first + count - 1 of packed weights, their gradient at g, the new rows at `to`: their place, or g.
template <class T, class Row>
void update_rows(const Weights<T>& w, int64_t first, int64_t count, const T* g, T* to, const PartConstants<T>& k,
                 Row row) {
  if (w.turned) {
    const int64_t plain = padded<T>(w.n_in);
    for (int64_t j = 0; j < count; j++, g += w.stride, to += w.stride) {
      update_entries(w, (first + j) * w.stride, plain, g, to, k.weights, row);
      update_entries(w, (first + j) * w.stride + plain, w.stride - plain, g + plain, to + plain, k.bias, row);
    }
    return;
  }
  const int64_t last = first + count, plain = (last < w.n_in ? last : w.n_in) - first, at = plain * w.stride;
  update_entries(w, first * w.stride, at, g, to, k.weights, row);
  update_entries(w, first * w.stride + at, (count - plain) * w.stride, g + at, to + at, k.bias, row);
}

// Calls f with the row of an optimiser.
template <class F>
INLINE void with_optimizer(Optimizer optimizer, F f) {
  switch (optimizer) {
    case SGD:
      return f(SgdRow{});
    case MOMENTUM:
      return f(MomentumRow{});
    case NESTEROV:
      return f(NesterovRow{});
    case ADAM:
    case ADAMW:
      return f(AdamRow{});
    case OPTIMIZERS:
      return;
  }
}

// Layers of a plain plan, from gradients in memory.
template <class T>
void update(const Room<T>& room, const Plan& plan, double eta, int64_t round) {
  const PartConstants<T> k = part_constants<T>(plan, rates_of(plan, eta, plan.l2, round), 0);
  with_optimizer(plan.optimizer, [&](auto row) {
    for (int64_t l = 0; l < room.depth; l++)
      update_rows(room.weights[l], 0, room.weights[l].rows, room.weights[l].gradient, room.weights[l].W, k, row);
  });
}

}  // namespace
}  // namespace descend
