// The order of things, version 1, written before any kernel: who is visited when, and what is added to what first.
// Every result of the engine is a function of shapes and options through this file alone; README.md states it in
// formulas. A kernel may choose tiles, layouts and lanes as it likes, as long as each chain below keeps its order.
//
//   s[t, j]         a = c W[bias, j] (0 without bias node); a = fma(v[t, i], W[i, j], a), i = 0 ... n_in-1
//   (W delta)[t, i] a = W[i, 0] delta[t, 0];                a = fma(W[i, j], delta[t, j], a), j = 1 ... n_out-1
//   dL_dW[i, j]     a = 0;                                  a = fma(v[t, i], delta[t, j], a), t = rows as visited
//   L of a sample   a = l_0;                                a = a + l_j, j = 1 ... n_out-1
//   softmax         a = e_0;                                a = a + e_j, j = 1 ... n_out-1
//   epoch loss      a = 0 (float64);                        a = a + w_t L_t, samples as visited
//   sum of W^2      a = 0 (float64);                        a = a + f (w * w), parameters as in theta, f their group's
//   dL_dscale[i]    a = 0;                                  a = fma(x[t, i], (W delta)[t, i], a), t = rows as visited
//
// A chain that begins with a product may begin with fma(.., .., -0): the bits are the same.
#pragma once

#include <cstdint>

#include "plan.hpp"

namespace descend {

constexpr int ORDER_VERSION = 1;
constexpr uint64_t GOLDEN = 0x9E3779B97F4A7C15u;

// SplitMix64's finaliser (Steele, Lea & Flood 2014).
static inline uint64_t hash(uint64_t z) {
  z ^= z >> 30;
  z *= 0xBF58476D1CE4E5B9u;
  z ^= z >> 27;
  z *= 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static inline uint64_t epoch_key(uint64_t order_seed, int64_t epoch) {
  return hash(hash(order_seed + GOLDEN) + (static_cast<uint64_t>(epoch) + 1) * GOLDEN);
}

// A number below n < 2^32, from the i-th number of the epoch's stream.
static inline uint32_t draw_below(uint64_t key, uint64_t i, uint64_t n) {
  const uint64_t r = hash(key + (i + 1) * GOLDEN);
  return static_cast<uint32_t>(((r >> 32) * n) >> 32);
}

// The samples of one epoch into p (n,): a fresh permutation (Fisher & Yates), n uniform draws, or 0 ... n-1.
static inline void epoch_order(uint64_t order_seed, int64_t epoch, Sampling sampling, uint64_t n, uint32_t* p) {
  const uint64_t key = epoch_key(order_seed, epoch);
  if (sampling == REPLACEMENT) {
    for (uint64_t i = 0; i < n; i++) p[i] = draw_below(key, i, n);
    return;
  }
  for (uint64_t i = 0; i < n; i++) p[i] = static_cast<uint32_t>(i);
  for (uint64_t i = n - 1; i > 0 && sampling == SHUFFLE; i--) {
    const uint32_t k = draw_below(key, i, i + 1);
    const uint32_t kept = p[i];
    p[i] = p[k];
    p[k] = kept;
  }
}

// Dropout: node j of layer l is dropped for the sample at `position` of a round's batch if the upper 24 bits of its
// random number lie below `drop_below` of the share. key = epoch_key(dropout_seed, round).
static inline uint64_t dropout_key(uint64_t key, int64_t position, int64_t layer) {
  const uint64_t sample = hash(key + (static_cast<uint64_t>(position) + 1) * GOLDEN);
  return hash(sample + static_cast<uint64_t>(layer) * GOLDEN);
}

static inline uint64_t drop_below(double share) {
  return share > 0 && share < 1 ? static_cast<uint64_t>(share * 16777216.0 + 0.5) : 0;
}

static inline uint32_t dropout_bits(uint64_t key, uint64_t j) {
  return static_cast<uint32_t>(hash(key + (j + 1) * GOLDEN) >> 40);
}

// base^k by squaring, from the lowest bit of k: the same bits everywhere, unlike pow of a C library.
static inline double whole_power(double base, uint64_t k) {
  double result = 1.0;
  for (; k > 0; k >>= 1) {
    if (k & 1) result *= base;
    base *= base;
  }
  return result;
}

}  // namespace descend
