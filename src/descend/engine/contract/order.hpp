// The order of things, version 3, written before any kernel: who is visited when, and what is added to what first.
// Every result of the engine is a function of shapes and options through this file alone; README.md states it in
// formulas. A kernel may choose tiles, layouts and lanes as it likes, as long as each chain below keeps its order.
//
// Everywhere but in rounds of a single sample:
//
//   s[t, j]         a = c W[bias, j] (0 without bias node); a = fma(v[t, i], W[i, j], a), i = 0 ... n_in-1
//   (W delta)[t, i] a = W[i, 0] delta[t, 0];                a = fma(W[i, j], delta[t, j], a), j = 1 ... n_out-1
//   dL_dW[i, j]     a = 0;                                  a = fma(v[t, i], delta[t, j], a), t = rows as visited
//   L of a sample   a = l_0;                                a = a + l_j, j = 1 ... n_out-1
//   softmax         a = e_0;                                a = a + e_j, j = 1 ... n_out-1
//   epoch loss      a = 0 (float64);                        a = a + w_t L_t, samples as visited
//   sum of W^2      a = 0 (float64);                        a = a + f (w * w), parameters as in theta, f their group's
//
// With a front scale, v_0[t, i] = scale[i] x[t, i]: G[i, j] is the chain of dL_dW_0 with x in place of v_0, and
//
//   dL_dW_0[i, j]   scale[i] G[i, j]; of the bias row G itself
//   dL_dscale[i]    F (below) of chains q = 0 ... p-1 over j = q, q + p, ..., from 0: a = fma(W_0[i, j], G[i, j], a)
//
// Where the inputs of layer 0 come by index, columns that hold 0 are left out, and 1s of ramps are summed ahead. Of a
// field with columns f, f + 1, ... and the code b of row t (none: nothing is added), p = f + b, size[p] = scale[p], or
// 1 without a front scale:
//
//   s[t, j]         a = c W[bias, j]; then in the order of columns: of numbers as above, of fields
//     one-hot       a = fma(value size[p], W[p, j], a)
//     ramps         a = a + P[b, j]; a = fma(z[t] size[p], W[p, j], a)
//   P[b, j]         P[0] = 0;  P[b + 1] = fma(size[f + b], W[f + b, j], P[b])  (the bits of a sum where size is 1)
//   G[p, j]         over the rows t with code b, as visited:
//     one-hot       a = 0;  a = fma(value, delta[t, j], a)
//     ramps         A[b]: a = 0;  a = fma(z[t], delta[t, j], a);   B[b]: a = 0;  a = a + delta[t, j];
//                   then from the last code down, S = 0:  G[p] = A[b] + S;  S = S + B[b]
//   dL_dW_0[p, j]   G[p, j]; with a front scale as there
//
// Of an ensemble (contract/indexed.hpp):
//
//   by index        a = c W[bias, j]; a = fma(x[t, i], W[i, j], a), i = 0 ... n_x-1, then
//   (first layer)   a = fma(factor[t, e], W[place[t, e], j], a), e = 0 ... entries-1
//
// A chain that begins with a product may begin with fma(.., .., -0): the bits are the same.
//
// In rounds of a single sample, one chain would wait for itself; `lines_of` lanes of 64 bytes (p: 16 float32, 8
// float64) and a few chains side by side do not. F folds lanes: a_q = a_q + a_(q + h), h = p/2, p/4, ... 1, then a_0.
//
//   wide layers     s[j]  chains k = 0 ... K-1 over i = k, k + K, ...; chain 0 begins at c W[bias, j], the others at 0;
//                         joined in neighbouring pairs: (a_0 + a_1) + (a_2 + a_3), ...
//                   (W delta)[i] = F of chains q = 0 ... p-1 over j = q, q + p, ..., from 0
//   thin layers     s[j]  = F of chains q = 0 ... p-1 over i = q, q + p, ..., from 0; then + c W[bias, j]
//                   (W delta)[i] one chain as above
#pragma once

#include <cstdint>

#include "contract/plan.hpp"

namespace descend {

constexpr int ORDER_VERSION = 3;
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

// Swaps p[i - k] and p[draw_below(key, i - k, i - k + 1)], k = 0 ... count-1, one after the other. The draws come
// first, for they do not wait for each other.
template <uint64_t COUNT>
static inline void swap_down(uint64_t key, uint64_t i, uint32_t* p) {
  uint32_t drawn[COUNT];
  for (uint64_t k = 0; k < COUNT; k++) drawn[k] = draw_below(key, i - k, i - k + 1);
  for (uint64_t k = 0; k < COUNT; k++) {
    const uint32_t kept = p[i - k];
    p[i - k] = p[drawn[k]];
    p[drawn[k]] = kept;
  }
}

// The samples of one epoch into p (n,): a fresh permutation (Fisher & Yates), n uniform draws, or 0 ... n-1.
static inline void epoch_order(uint64_t order_seed, int64_t epoch, Sampling sampling, uint64_t n, uint32_t* p) {
  const uint64_t key = epoch_key(order_seed, epoch);
  if (sampling == REPLACEMENT) {
    for (uint64_t i = 0; i < n; i++) p[i] = draw_below(key, i, n);
    return;
  }
  for (uint64_t i = 0; i < n; i++) p[i] = static_cast<uint32_t>(i);
  if (sampling != SHUFFLE) return;
  constexpr uint64_t TOGETHER = 32;
  uint64_t i = n - 1;
  for (; i >= TOGETHER; i -= TOGETHER) swap_down<TOGETHER>(key, i, p);
  for (; i > 0; i--) swap_down<1>(key, i, p);
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

// ---------------------------------------------------------------- rounds of a single sample

// Few outputs of many inputs: the inputs lie along the lanes. Never the first layer.
static inline bool is_thin(int64_t layer, int64_t n_in, int64_t n_out) {
  return layer > 0 && n_out <= 10 && n_out <= n_in;
}

// K of a wide layer: a power of two with at most 8 lines in flight and at least 6 terms a chain.
static inline int64_t chains_of(int64_t n_in, int64_t n_out, int64_t lanes) {
  const int64_t lines = (n_out + lanes - 1) / lanes;
  int64_t chains = 1;
  while (2 * chains * lines <= 8 && n_in >= 12 * chains) chains *= 2;
  return chains;
}

// Rows of W_l with s_i < 0 below ReLU add nothing to any sum and take no step of plain SGD. Where W_l is too large for
// the fastest cache they are not even looked at: exact, but that what is not finite in them does not spread. At s_i = 0
// the derivative is 1: such rows count.
static inline bool skips_rows(const Plan& plan, int64_t l, int64_t lanes) {
  if (plan.optimizer != SGD || plan.l2 != 0 || l == 0 || plan.network.layers[l - 1].sigma != RELU) return false;
  const Layer& w = plan.network.layers[l];
  return !is_thin(l, w.n_in, w.n_out) && chains_of(w.n_in, w.n_out, lanes) == 1 &&
         w.n_in * w.n_out * (64 / lanes) >= 65536;
}

}  // namespace descend
