// One weight's step in a round of a single sample: its gradient v_i d_j goes straight into it, in one pass over the
// weights. d is delta times a factor that is applied once, at the output: -eta w_t for sgd, momentum and nesterov, w_t
// for adam and adamw. batch/optimisers.hpp holds the same steps for batches.
#pragma once

#include "contract/order.hpp"
#include "numbers/vec.hpp"

namespace descend {
namespace {

// What one round needs to know; decay and shrink belong to W~ (bias rows: 0 and 1).
template <class T>
struct StepConstants {
  T scale;  // of delta at the output, but for the sample's weight
  T decay, shrink, momentum, beta_1, one_minus_beta_1, beta_2, one_minus_beta_2, alpha, root, epsilon;

  StepConstants of_bias() const {
    StepConstants k = *this;
    k.decay = 0, k.shrink = 1;
    return k;
  }
};

// w = fma(v, d, w), the only step that leaves the weights of a v of 0 as they are (SKIPS_ROWS; contract/order.hpp)
struct SgdStep {
  static constexpr int MOMENTS = 0;
  static constexpr bool SKIPS_ROWS = true;
  template <class V>
  static INLINE void apply(const StepConstants<typename V::T>&, V v, V d, V& w, V&, V&) {
    w = fma(v, d, w);
  }
};

// w = fma(v, d, (1 - eta lambda) w)
struct DecayingSgdStep {
  static constexpr int MOMENTS = 0;
  static constexpr bool SKIPS_ROWS = false;
  template <class V>
  static INLINE void apply(const StepConstants<typename V::T>& k, V v, V d, V& w, V&, V&) {
    w = fma(v, d, V::all(k.shrink) * w);
  }
};

// h = fma(v, d, -(eta lambda) w);  V = fma(mu, V, h);  w = w + V
struct MomentumStep {
  static constexpr int MOMENTS = 1;
  static constexpr bool SKIPS_ROWS = false;
  template <class V>
  static INLINE void apply(const StepConstants<typename V::T>& k, V v, V d, V& w, V& m, V&) {
    m = fma(V::all(k.momentum), m, fma(v, d, V::all(k.decay) * w));
    w = w + m;
  }
};

// h as for momentum;  V = fma(mu, V, h);  w = w + fma(mu, V, h)
struct NesterovStep {
  static constexpr int MOMENTS = 1;
  static constexpr bool SKIPS_ROWS = false;
  template <class V>
  static INLINE void apply(const StepConstants<typename V::T>& k, V v, V d, V& w, V& m, V&) {
    const V h = fma(v, d, V::all(k.decay) * w);
    m = fma(V::all(k.momentum), m, h);
    w = w + fma(V::all(k.momentum), m, h);
  }
};

// adam: g = fma(v, d, lambda w); adamw: g = v d, and w = (1 - eta lambda) w first; then
// m = fma(1 - beta_1, g, beta_1 m);  u = fma((1 - beta_2) g, g, beta_2 u);  w = w - (alpha m) / fma(sqrt u, r, epsilon)
struct AdamStep {
  static constexpr int MOMENTS = 2;
  static constexpr bool SKIPS_ROWS = false;
  template <class V>
  static INLINE void apply(const StepConstants<typename V::T>& k, V v, V d, V& w, V& m, V& u) {
    const V g = fma(v, d, V::all(k.decay) * w);
    m = fma(V::all(k.one_minus_beta_1), g, V::all(k.beta_1) * m);
    u = fma(V::all(k.one_minus_beta_2) * g, g, V::all(k.beta_2) * u);
    w = V::all(k.shrink) * w - (V::all(k.alpha) * m) / fma(square_root(u), V::all(k.root), V::all(k.epsilon));
  }
};

// Where the weights of a layer and their moments lie; index by index the same.
template <class T>
struct WeightsAndMoments {
  T *w, *m, *u;
  INLINE WeightsAndMoments from(int64_t at) const { return {w + at, m + at, u + at}; }
};

// The step of a line of weights in memory; returns the weights before it.
template <class Step, class V, class T>
INLINE V step_line(const StepConstants<T>& k, const WeightsAndMoments<T>& place, int64_t at, V v, V d) {
  const V before = V::load(place.w + at);
  V w = before, m, u;
  if constexpr (Step::MOMENTS >= 1) m = V::load(place.m + at);
  if constexpr (Step::MOMENTS >= 2) u = V::load(place.u + at);
  Step::apply(k, v, d, w, m, u);
  w.store(place.w + at);
  if constexpr (Step::MOMENTS >= 1) m.store(place.m + at);
  if constexpr (Step::MOMENTS >= 2) u.store(place.u + at);
  return before;
}

// Calls f with the step of a plan, and that of its bias rows.
template <class F>
INLINE void with_step(const Plan& plan, F f) {
  switch (plan.optimizer) {
    case SGD:
      return plan.l2 != 0 ? f(DecayingSgdStep{}, SgdStep{}) : f(SgdStep{}, SgdStep{});
    case MOMENTUM:
      return f(MomentumStep{}, MomentumStep{});
    case NESTEROV:
      return f(NesterovStep{}, NesterovStep{});
    case ADAM:
    case ADAMW:
      return f(AdamStep{}, AdamStep{});
    case OPTIMIZERS:
      return;
  }
}

// ---------------------------------------------------------------- constants of a round

// base^k as whole_power, whose squares are looked up.
struct Powers {
  double square[64];

  explicit Powers(double base) {
    for (double& one : square) one = base, base *= base;
  }
  double of(uint64_t k) const {
    double result = 1.0;
    for (; k > 0; k &= k - 1) result *= square[__builtin_ctzll(k)];
    return result;
  }
};

// Computed in float64, rounded to T once.
template <class T>
struct StepSchedule {
  const Plan& plan;
  Powers beta_1{plan.beta_1}, beta_2{plan.beta_2};

  StepConstants<T> at(double eta, int64_t round) const {
    StepConstants<T> k{};
    k.momentum = T(plan.momentum);
    k.shrink = T(plan.optimizer == SGD || plan.optimizer == ADAMW ? 1.0 - eta * plan.l2 : 1.0);
    k.scale = T(-eta), k.decay = T(-(eta * plan.l2));
    if (plan.optimizer != ADAM && plan.optimizer != ADAMW) return k;
    const uint64_t count = static_cast<uint64_t>(round) + 1;
    const double past_1 = 1.0 - beta_1.of(count), past_2 = 1.0 - beta_2.of(count);
    k.scale = 1, k.decay = T(plan.optimizer == ADAM ? plan.l2 : 0.0);
    k.beta_1 = T(plan.beta_1), k.one_minus_beta_1 = T(1.0 - plan.beta_1);
    k.beta_2 = T(plan.beta_2), k.one_minus_beta_2 = T(1.0 - plan.beta_2);
    k.alpha = T(plan.epsilon_hat ? eta * __builtin_sqrt(past_2) / past_1 : eta / past_1);
    k.root = T(plan.epsilon_hat ? 1.0 : 1.0 / __builtin_sqrt(past_2));
    k.epsilon = T(plan.epsilon);
    return k;
  }
};

}  // namespace
}  // namespace descend
