// One<T>: a single number with the operations of Lanes, in plain C++ and std::fma. With it the twin computes the
// functions of numbers/functions.hpp, numbers/activations.hpp and numbers/losses.hpp one number at a time.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

#define INLINE inline __attribute__((always_inline))

namespace descend {
namespace {

constexpr bool HAS_FMA = true;

template <class T>
struct WordOf;
template <>
struct WordOf<float> {
  using U = uint32_t;
};
template <>
struct WordOf<double> {
  using U = uint64_t;
};

// a > b ? a : b and a < b ? a : b, as numbers/vec.hpp says; on x86 by the same instruction, which takes denormal
// numbers for 0.
#if defined(__x86_64__) || defined(_M_X64)
inline float largest(float a, float b) { return _mm_cvtss_f32(_mm_max_ss(_mm_set_ss(a), _mm_set_ss(b))); }
inline double largest(double a, double b) { return _mm_cvtsd_f64(_mm_max_sd(_mm_set_sd(a), _mm_set_sd(b))); }
inline float smallest(float a, float b) { return _mm_cvtss_f32(_mm_min_ss(_mm_set_ss(a), _mm_set_ss(b))); }
inline double smallest(double a, double b) { return _mm_cvtsd_f64(_mm_min_sd(_mm_set_sd(a), _mm_set_sd(b))); }
#else
template <class T>
T largest(T a, T b) {
  return a > b ? a : b;
}
template <class T>
T smallest(T a, T b) {
  return a < b ? a : b;
}
#endif

template <class T_>
struct One {
  using T = T_;
  using U = typename WordOf<T>::U;
  static constexpr int COUNT = 1;
  T x;

  static One all(T x) { return {x}; }
  static One of_words(U u) {
    One r;
    std::memcpy(&r.x, &u, sizeof u);
    return r;
  }
  friend One operator+(One a, One b) { return {a.x + b.x}; }
  friend One operator-(One a, One b) { return {a.x - b.x}; }
  friend One operator*(One a, One b) { return {a.x * b.x}; }
  friend One operator/(One a, One b) { return {a.x / b.x}; }
  friend One operator-(One a) { return {-a.x}; }
  friend One fma(One a, One b, One c) { return {std::fma(a.x, b.x, c.x)}; }
  friend One square_root(One a) { return {std::sqrt(a.x)}; }
  friend One larger(One a, One b) { return {largest(a.x, b.x)}; }
  friend One smaller(One a, One b) { return {smallest(a.x, b.x)}; }
  friend One select(bool m, One a, One b) { return m ? a : b; }
  friend bool operator<(One a, One b) { return a.x < b.x; }
  friend bool operator<=(One a, One b) { return a.x <= b.x; }
  friend bool operator>(One a, One b) { return a.x > b.x; }
  friend bool operator>=(One a, One b) { return a.x >= b.x; }
  friend U words(One a) {
    U u;
    std::memcpy(&u, &a.x, sizeof u);
    return u;
  }
};

template <class U>
U plus(U a, U b) {
  return a + b;
}
template <class U>
U both(U a, U b) {
  return a & b;
}
template <class U>
U either(U a, U b) {
  return a | b;
}
template <class U>
U shift_left(U a, int n) {
  return a << n;
}
template <class U>
U shift_right(U a, int n) {
  return a >> n;
}

}  // namespace
}  // namespace descend
