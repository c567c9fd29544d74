// One<T>: a single number with the operations of Lanes, in plain C++ and std::fma. With it the twin computes the
// functions of math.hpp, activations.hpp and losses.hpp one number at a time.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

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
