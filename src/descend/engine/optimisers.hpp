// W <- optimiser(W, gradient), entry by entry. Scalars of a round are computed in float64 and rounded to T once.
#pragma once

#include "order.hpp"
#include "room.hpp"

namespace descend {
namespace {

// What one round needs to know; lambda and shrink belong to W~ (bias rows: 0 and 1).
template <class T>
struct RoundConstants {
  T minus_eta, eta, lambda, shrink, momentum, beta_1, one_minus_beta_1, beta_2, one_minus_beta_2, alpha, root, epsilon;
};

template <class T>
RoundConstants<T> round_constants(const Plan& plan, double eta, int64_t round) {
  const uint64_t k = static_cast<uint64_t>(round) + 1;
  const bool adaptive = plan.optimizer == ADAM || plan.optimizer == ADAMW;
  const double past_1 = adaptive ? 1.0 - whole_power(plan.beta_1, k) : 1.0;
  const double past_2 = adaptive ? 1.0 - whole_power(plan.beta_2, k) : 1.0;
  return {T(-eta),
          T(eta),
          T(plan.optimizer == ADAMW ? 0.0 : plan.l2),
          T(plan.optimizer == ADAMW ? 1.0 - eta * plan.l2 : 1.0),
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

template <class T, class Row>
void update_layers(const Room<T>& room, RoundConstants<T> k, Row row) {
  RoundConstants<T> bias = k;
  bias.lambda = 0, bias.shrink = 1;
  for (int64_t l = 0; l < room.depth; l++) {
    const Weights<T>& w = room.weights[l];
    update_entries(w, 0, w.n_in * w.stride, k, row);
    update_entries(w, w.n_in * w.stride, w.rows * w.stride, bias, row);
  }
}

template <class T>
void update(const Room<T>& room, const Plan& plan, double eta, int64_t round) {
  const RoundConstants<T> k = round_constants<T>(plan, eta, round);
  switch (plan.optimizer) {
    case SGD:
      return update_layers(room, k, SgdRow{});
    case MOMENTUM:
      return update_layers(room, k, MomentumRow{});
    case NESTEROV:
      return update_layers(room, k, NesterovRow{});
    case ADAM:
    case ADAMW:
      return update_layers(room, k, AdamRow{});
    case OPTIMIZERS:
      return;
  }
}

}  // namespace
}  // namespace descend
