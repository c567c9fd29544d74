// Small numbers as types, for loops that are to be unrolled.
#pragma once

#include "numbers/vec.hpp"

namespace descend {
namespace {

template <int N>
struct Count {
  static constexpr int VALUE = N;
};

// Calls f with n, 1 ... N, as a type.
template <int N, class F>
INLINE void with_few(int64_t n, F f) {
  if constexpr (N > 1) {
    if (n < N) return with_few<N - 1>(n, f);
  }
  f(Count<N>{});
}

}  // namespace
}  // namespace descend
