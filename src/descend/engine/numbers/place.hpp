// Memory in lines of 64 bytes. A layout is written once, as a function of a Place: it measures, and then it places.
#pragma once

#include <cstddef>
#include <cstdint>

#include "numbers/vec.hpp"

namespace descend {
namespace {

template <class T>
constexpr int64_t padded(int64_t n) {
  constexpr int64_t lanes = 64 / sizeof(T);
  return (n + lanes - 1) / lanes * lanes;
}

// A row's length that keeps rows one below the other from meeting in a few sets of the cache.
template <class T>
constexpr int64_t spread(int64_t n) {
  constexpr int64_t lanes = 64 / sizeof(T);
  const int64_t length = padded<T>(n);
  return length % (16 * lanes) == 0 ? length + lanes : length;
}

// Hands out pieces of a block; without a block it only counts.
struct Place {
  char* block;
  size_t used;

  template <class X>
  INLINE X* take(int64_t count) {
    const size_t at = used;
    used += (static_cast<size_t>(count) * sizeof(X) + 63) / 64 * 64;
    return block ? reinterpret_cast<X*>(block + at) : nullptr;
  }

  // Entry k of an array that was taken, where there is memory behind it.
  template <class X>
  INLINE void put(X* array, int64_t k, const X& value) const {
    if (block) array[k] = value;
  }
};

// Bytes that a layout takes, a function of a Place.
template <class LayOut>
size_t measured(const LayOut& lay_out) {
  Place place{nullptr, 0};
  lay_out(place);
  return place.used;
}

// What a layout returns, laid out in a block of so many bytes.
template <class LayOut>
auto placed(void* block, const LayOut& lay_out) {
  Place place{static_cast<char*>(block), 0};
  return lay_out(place);
}

template <class T>
void zeros(T* at, int64_t count) {
  for (int64_t k = 0; k < count; k++) at[k] = 0;
}

}  // namespace
}  // namespace descend
