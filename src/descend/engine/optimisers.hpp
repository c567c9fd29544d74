// W <- optimiser(W, gradient), entry by entry. Scalars of a round are computed in float64 and rounded to T once.
#pragma once

#include "order.hpp"
#include "room.hpp"

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

// Entries first ... last - 1 of a layer; g' = fma(lambda, w, g) where lambda is not 0, w = shrink w where shrink is
// not 1.
template <class T, class Row>
void update_entries(const Weights<T>& layer, int64_t first, int64_t last, const RoundConstants<T>& k, Row) {
  using V = typename LanesOf<T>::V;
  const bool decays = k.lambda != T(0), shrinks = k.shrink != T(1);
  for (int64_t i = first; i < last; i += V::COUNT) {
    Entry<V> e{V::load(layer.W + i), V::all(0), V::all(0)};
    V g = V::load(layer.gradient + i);
    if constexpr (Row::MOMENTS >= 1) e.m = V::load(layer.moment_1 + i);
    if constexpr (Row::MOMENTS >= 2) e.u = V::load(layer.moment_2 + i);
    if (decays) g = fma(V::all(k.lambda), e.w, g);
    if (shrinks) e.w = V::all(k.shrink) * e.w;
    Row::apply(k, g, e);
    e.w.store(layer.W + i);
    if constexpr (Row::MOMENTS >= 1) e.m.store(layer.moment_1 + i);
    if constexpr (Row::MOMENTS >= 2) e.u.store(layer.moment_2 + i);
  }
}

// Each group of parameters with its own factors; those of the layer before, where they are the same.
template <class T, class Row>
void update_layers(const Room<T>& room, const Plan& plan, const RoundRates& rates, Row row) {
  RoundConstants<T> constants[2];
  const Factors* known[2] = {nullptr, nullptr};
  const auto constants_of = [&](const Factors& group, int k) -> const RoundConstants<T>& {
    const bool same = known[k] && known[k]->learning_rate == group.learning_rate && known[k]->decay == group.decay;
    if (!same) constants[k] = round_constants<T>(plan, rates, group);
    known[k] = &group;
    return constants[k];
  };
  for (int64_t l = 0; l < room.parts; l++) {
    const Weights<T>& w = room.weights[l];
    update_entries(w, 0, w.n_in * w.stride, constants_of(plan.factors[2 * l], 0), row);
    if (w.rows == w.n_in) continue;
    update_entries(w, w.n_in * w.stride, w.rows * w.stride, constants_of(plan.factors[2 * l + 1], 1), row);
  }
}

template <class T>
void update(const Room<T>& room, const Plan& plan, double eta, double lambda, int64_t round) {
  const RoundRates rates = rates_of(plan, eta, lambda, round);
  switch (plan.optimizer) {
    case SGD:
      return update_layers(room, plan, rates, SgdRow{});
    case MOMENTUM:
      return update_layers(room, plan, rates, MomentumRow{});
    case NESTEROV:
      return update_layers(room, plan, rates, NesterovRow{});
    case ADAM:
    case ADAMW:
      return update_layers(room, plan, rates, AdamRow{});
    case OPTIMIZERS:
      return;
  }
}

}  // namespace
}  // namespace descend
