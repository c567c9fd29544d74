// Rounds of a single sample in the twin: the sums and steps of README.md's second table, one number at a time.
#pragma once

#include <cmath>
#include <vector>

#include "contract/order.hpp"

namespace descend {
namespace {

// F of contract/order.hpp: a_q = a_q + a_(q + h), h = p/2 ... 1.
template <class T>
T fold_of(std::vector<T> a) {
  for (size_t h = a.size() / 2; h > 0; h /= 2)
    for (size_t q = 0; q < h; q++) a[q] = a[q] + a[q + h];
  return a[0];
}

template <class T>
struct TwinLayer {
  static constexpr int64_t P = 64 / sizeof(T);  // lanes of a line
  const Plan& plan;
  const Layer& w;
  int64_t l;
  const T* W;
  const std::vector<T>& s;  // of layer l

  bool counts(int64_t i) const { return !skips_rows(plan, l, P) || !(s[i] < T(0)); }
  bool thin() const { return is_thin(l, w.n_in, w.n_out); }
  T bias_term(int64_t j) const { return w.rows > w.n_in ? static_cast<T>(w.bias) * W[w.n_in * w.n_out + j] : T(0); }

  // Chains side by side over i = first, first + step, ...
  T sum(const std::vector<T>& v, int64_t j) const {
    if (thin()) {
      std::vector<T> a(P, T(0));
      for (int64_t i = 0; i < w.n_in; i++) a[i % P] = std::fma(v[i], W[i * w.n_out + j], a[i % P]);
      const T folded = fold_of(a);
      return w.rows > w.n_in ? folded + bias_term(j) : folded;
    }
    const int64_t chains = chains_of(w.n_in, w.n_out, P);
    std::vector<T> a(chains, T(0));
    a[0] = bias_term(j);
    for (int64_t i = 0; i < w.n_in; i++)
      if (counts(i)) a[i % chains] = std::fma(v[i], W[i * w.n_out + j], a[i % chains]);
    for (int64_t h = 1; h < chains; h *= 2)
      for (int64_t k = 0; k + h < chains; k += 2 * h) a[k] = a[k] + a[k + h];
    return a[0];
  }

  // sum_j W[i, j] d[j]
  T below(const std::vector<T>& d, int64_t i) const {
    const T* row = W + i * w.n_out;
    if (!counts(i)) return 0;
    if (thin()) {
      T a = row[0] * d[0];
      for (int64_t j = 1; j < w.n_out; j++) a = std::fma(row[j], d[j], a);
      return a;
    }
    std::vector<T> a(P, T(0));
    for (int64_t j = 0; j < w.n_out; j++) a[j % P] = std::fma(row[j], d[j], a[j % P]);
    return fold_of(a);
  }
};

// The factor of delta at the output, but for the sample's weight.
template <class T>
T single_scale(const Plan& plan, double eta) {
  return plan.optimizer == ADAM || plan.optimizer == ADAMW ? T(1) : T(-eta);
}

// A weight and its moments; those that the optimiser has not are anything.
template <class T>
struct TwinWeight {
  T *w, *m, *u;
};

// One step with v and d.
template <class T>
void single_step(const Plan& plan, double eta, int64_t round, double lambda, T v, T d, const TwinWeight<T>& place) {
  T &w = *place.w, *m = place.m, *u = place.u;
  const T shrink = T(1 - eta * lambda), momentum = T(plan.momentum);
  if (plan.optimizer == SGD) {
    w = std::fma(v, d, lambda != 0 ? shrink * w : w);
  } else if (plan.optimizer == MOMENTUM || plan.optimizer == NESTEROV) {
    const T h = std::fma(v, d, T(-(eta * lambda)) * w);
    *m = std::fma(momentum, *m, h);
    w = w + (plan.optimizer == MOMENTUM ? *m : std::fma(momentum, *m, h));
  } else {
    const uint64_t k = static_cast<uint64_t>(round) + 1;
    const double past_1 = 1 - whole_power(plan.beta_1, k), past_2 = 1 - whole_power(plan.beta_2, k);
    const T alpha = T(plan.epsilon_hat ? eta * std::sqrt(past_2) / past_1 : eta / past_1);
    const T root = T(plan.epsilon_hat ? 1 : 1 / std::sqrt(past_2));
    const T g = std::fma(v, d, T(plan.optimizer == ADAM ? lambda : 0.0) * w);
    *m = std::fma(T(1 - plan.beta_1), g, T(plan.beta_1) * *m);
    *u = std::fma(T(1 - plan.beta_2) * g, g, T(plan.beta_2) * *u);
    const T shrunk = plan.optimizer == ADAMW ? shrink * w : w;
    w = shrunk - (alpha * *m) / std::fma(std::sqrt(*u), root, T(plan.epsilon));
  }
}

}  // namespace
}  // namespace descend
