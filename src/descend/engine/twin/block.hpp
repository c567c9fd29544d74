// A block of single-sample rounds in the twin: layer 0 by the sums of README.md's third table, one number at a time.
#pragma once

#include <vector>

#include "block/coefficients.hpp"
#include "twin/single.hpp"

namespace descend {
namespace {

// Layer 0 and its velocities, (rows, n_out) each, for the length of one block.
template <class T>
struct TwinBlock {
  static constexpr int64_t P = 64 / sizeof(T);
  const Plan& plan;
  const Layer& w;
  T *W, *V;  // V: null for sgd
  std::vector<const T*> x;
  std::vector<std::vector<T>> d;  // d_1 of the rounds done
  std::vector<T> memory;
  BlockCoefficients<T> of_weights, of_biases;

  TwinBlock(const Plan& p, T* theta, T* velocity, const std::vector<double>& etas)
      : plan(p), w(p.network.layers[0]), W(theta), V(velocity) {
    const int64_t n = static_cast<int64_t>(etas.size()), count = BlockCoefficients<T>::count(n);
    memory.resize(static_cast<size_t>(2 * count));
    of_weights = {n, memory.data()}, of_biases = {n, memory.data() + count};
    of_weights.compute(plan, etas.data(), n, plan.l2), of_biases.compute(plan, etas.data(), n, 0.0);
  }

  bool plain() const { return is_plain_block(plan); }
  bool has_bias() const { return w.rows > w.n_in; }
  T c() const { return static_cast<T>(w.bias); }
  int64_t at(int64_t i, int64_t j) const { return i * w.n_out + j; }

  T product(const T* M, int64_t t, int64_t j) const {
    T a = 0;
    for (int64_t i = 0; i < w.n_in; i++) a = std::fma(x[t][i], M[at(i, j)], a);
    return a;
  }

  T gram(int64_t t, int64_t u) const {
    std::vector<T> a(P, T(0));
    for (int64_t i = 0; i < w.n_in; i++) a[i % P] = std::fma(x[t][i], x[u][i], a[i % P]);
    return fold_of(a);
  }

  // s_1 of round t, from the weights at the block's start and what came back since
  T sum(int64_t t, int64_t j) const {
    T s = product(W, t, j);
    if (!plain()) s = of_weights.w(t)[0] * s;
    if (V) s = std::fma(of_weights.w(t)[1], product(V, t, j), s);
    if (has_bias()) {
      s = std::fma(plain() ? c() : c() * of_biases.w(t)[0], W[at(w.n_in, j)], s);
      if (V) s = std::fma(c() * of_biases.w(t)[1], V[at(w.n_in, j)], s);
    }
    const T c2 = has_bias() ? c() * c() : T(0);
    for (int64_t u = 0; u < t; u++) {
      const T g = gram(t, u);
      s = std::fma(plain() ? g + c2 : of_weights.z_w(t)[u] * g + of_biases.z_w(t)[u] * c2, d[u][j], s);
    }
    return s;
  }

  // (W, V) after all rounds done, entry by entry
  void step() {
    const int64_t n = static_cast<int64_t>(d.size());
    for (int64_t i = 0; i < w.rows && n > 0; i++) {
      const BlockCoefficients<T>& k = i < w.n_in ? of_weights : of_biases;
      for (int64_t j = 0; j < w.n_out; j++) {
        T &one = W[at(i, j)], old = one;
        if (!plain()) one = k.w(n)[0] * one;
        if (V) {
          T& velocity = V[at(i, j)];
          one = std::fma(k.w(n)[1], velocity, one);
          velocity = add(std::fma(k.v(n)[0], old, k.v(n)[1] * velocity), k.z_v(n), i, j);
        }
        one = add(one, k.z_w(n), i, j);
      }
    }
  }

  T add(T a, const T* z, int64_t i, int64_t j) const {
    for (size_t u = 0; u < d.size(); u++)
      a = std::fma(i < w.n_in ? x[u][i] : c(), plain() ? d[u][j] : z[u] * d[u][j], a);
    return a;
  }
};

}  // namespace
}  // namespace descend
