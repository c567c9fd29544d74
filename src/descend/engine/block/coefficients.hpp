// What a block of single-sample rounds needs to know of its optimiser: SGD, momentum and Nesterov are linear maps of
// the weights and velocities, so n rounds from (W, V) give known multiples of W, V and of the n gradients.
//
// Round t takes (W, V) to M_t (W, V) + q v_t d_t^T, d_t = -eta_t w_t delta_t:
//
//   sgd        M = 1 - eta lambda                                                  q = 1        (no V)
//   momentum   M = [[1 - eta lambda, mu], [-eta lambda, mu]]                       q = (1, 1)
//   nesterov   M = [[1 - (1 + mu) eta lambda, mu^2], [-eta lambda, mu]]            q = (1 + mu, 1)
//
// so before round t, with R_t = M_(t-1) ... M_0 and z_(t,u) = M_(t-1) ... M_(u+1) q,
//
//   (W, V) = R_t (W, V) + sum_(u<t) z_(t,u) v_u d_u^T
#pragma once

#include "contract/order.hpp"

namespace descend {
namespace {

struct Pair {
  double first, second;
};

struct Matrix {
  double a, b, c, d;
  Pair of(Pair p) const { return {a * p.first + b * p.second, c * p.first + d * p.second}; }
};

// M_t for the weights (decay lambda) or the bias rows (lambda 0).
inline Matrix round_matrix(const Plan& plan, double eta, double lambda) {
  const double mu = plan.momentum, shrink = eta * lambda;
  if (plan.optimizer == SGD) return {1 - shrink, 0, 0, 0};
  if (plan.optimizer == MOMENTUM) return {1 - shrink, mu, -shrink, mu};
  return {1 - (1 + mu) * shrink, mu * mu, -shrink, mu};
}

inline Pair gradient_share(const Plan& plan) {
  if (plan.optimizer == SGD) return {1, 0};
  return {plan.optimizer == NESTEROV ? 1 + plan.momentum : 1, 1};
}

// For t = 0 ... length; computed in float64, rounded to T once. W before round t of a block is
// w(t)[0] W + w(t)[1] V + sum_u z_w(t)[u] v_u d_u^T, and so is V.
template <class T>
struct BlockCoefficients {
  int64_t length;
  T* memory;  // (count(length),)

  static constexpr int64_t count(int64_t length) { return (length + 1) * (4 + 2 * length); }
  T* w(int64_t t) const { return memory + 4 * t; }
  T* v(int64_t t) const { return memory + 4 * t + 2; }
  T* z_w(int64_t t) const { return memory + 4 * (length + 1) + 2 * t * length; }
  T* z_v(int64_t t) const { return z_w(t) + length; }

  void compute(const Plan& plan, const double* etas, int64_t n, double lambda) const {
    Pair of_w{1, 0}, of_v{0, 1};  // columns of R_t
    for (int64_t t = 0; t <= n; t++) {
      w(t)[0] = T(of_w.first), w(t)[1] = T(of_v.first), v(t)[0] = T(of_w.second), v(t)[1] = T(of_v.second);
      if (t == n) break;
      const Matrix m = round_matrix(plan, etas[t], lambda);
      of_w = m.of(of_w), of_v = m.of(of_v);
    }
    for (int64_t u = 0; u < n; u++) {
      Pair z = gradient_share(plan);
      for (int64_t t = u + 1; t <= n; t++) {
        z_w(t)[u] = T(z.first), z_v(t)[u] = T(z.second);
        if (t < n) z = round_matrix(plan, etas[t], lambda).of(z);
      }
    }
  }
};

// Is s_t simply W^T x_t + sum (x_u . x_t) d_u? Then no coefficient is asked for.
inline bool is_plain_block(const Plan& plan) { return plan.optimizer == SGD && plan.l2 == 0; }

}  // namespace
}  // namespace descend
