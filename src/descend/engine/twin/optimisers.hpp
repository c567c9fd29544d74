// One entry's step in the twin, but for rounds of a single sample (twin/single.hpp).
#pragma once

#include <cmath>

#include "contract/order.hpp"
#include "contract/plan.hpp"

namespace descend {
namespace {

template <class T>
T adam_step(const Plan& plan, T& m, T& u, T g, double eta, int64_t round) {
  const uint64_t k = static_cast<uint64_t>(round) + 1;
  const double past_1 = 1 - whole_power(plan.beta_1, k), past_2 = 1 - whole_power(plan.beta_2, k);
  const T alpha = T(plan.epsilon_hat ? eta * std::sqrt(past_2) / past_1 : eta / past_1);
  const T root = T(plan.epsilon_hat ? 1 : 1 / std::sqrt(past_2));
  m = std::fma(T(1 - plan.beta_1), g, T(plan.beta_1) * m);
  u = std::fma(T(1 - plan.beta_2) * g, g, T(plan.beta_2) * u);
  return (alpha * m) / std::fma(std::sqrt(u), root, T(plan.epsilon));
}

// w and its moments, `eta` and `decay` those of its group
template <class T>
void batch_step(const Plan& plan, T& w, T* moment_1, T* moment_2, T g, double eta, double decay, int64_t round) {
  if (plan.optimizer == ADAMW) {
    if (T(1 - eta * decay) != T(1)) w = T(1 - eta * decay) * w;
  } else if (T(decay) != T(0)) {
    g = std::fma(T(decay), w, g);
  }
  if (plan.optimizer == SGD) w = std::fma(T(-eta), g, w);
  if (plan.optimizer == ADAM || plan.optimizer == ADAMW) w = w - adam_step(plan, *moment_1, *moment_2, g, eta, round);
  if (plan.optimizer == MOMENTUM || plan.optimizer == NESTEROV) {
    T& velocity = *moment_1;
    velocity = std::fma(T(-eta), g, T(plan.momentum) * velocity);
    w = w + (plan.optimizer == MOMENTUM ? velocity : std::fma(T(plan.momentum), velocity, -(T(eta) * g)));
  }
}

}  // namespace
}  // namespace descend
