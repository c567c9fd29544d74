// C = start + A B by register tiles: the one matrix product of forward and backward. Each entry of C is one chain of
// fma over the terms k = 0, 1, ..., so tiles and the cutting of a batch into chunks do not change a bit.
#pragma once

#include "vec.hpp"

namespace descend {
namespace {

template <class T>
struct Product {
  const T* A;  // A(i, k) = A[i * row_step + k * term_step]
  int64_t row_step, term_step;
  const T* B;  // B(k, j) = B[k * b_stride + j], 64-byte aligned rows
  int64_t b_stride;
  T* C;
  int64_t c_stride;
  int64_t rows, columns, terms;  // columns: a multiple of the lanes
  const T* start;  // chains begin at start[i * start_stride + j] * factor, or at `factor` if there is no start
  int64_t start_stride;
  T factor;
};

// Tile heights and widths (in Lanes) that fill the registers: 32 of 64 bytes, 16 of 32, 32 or 16 of 16.
#if defined(__aarch64__)
constexpr int TALL = 6, TALL_WIDE = 1, PAIR_WIDE = 2, SINGLE_WIDE = 2;
#else
constexpr int TALL = PIECES == 4 ? 2 : 6, TALL_WIDE = PIECES == 1 ? 4 : 1;
constexpr int PAIR_WIDE = PIECES == 1 ? 4 : PIECES == 2 ? 2 : 1, SINGLE_WIDE = 8 / PIECES;
#endif

template <class V, int ROWS, int WIDE>
void tile(const Product<typename V::T>& p, int64_t i, int64_t j) {
  using T = typename V::T;
  V c[ROWS][WIDE];
#pragma GCC unroll 8
  for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 8
    for (int w = 0; w < WIDE; w++)
      c[r][w] = p.start ? V::load(p.start + (i + r) * p.start_stride + j + w * V::COUNT) * V::all(p.factor)
                        : V::all(p.factor);
  const T *a = p.A + i * p.row_step, *b = p.B + j;
  // C[i, j] += A[i, k] B[k, j]
  for (int64_t k = 0; k < p.terms; k++, a += p.term_step, b += p.b_stride) {
    V row[WIDE];
#pragma GCC unroll 8
    for (int w = 0; w < WIDE; w++) row[w] = V::load(b + w * V::COUNT);
#pragma GCC unroll 8
    for (int r = 0; r < ROWS; r++) {
      const V one = V::all(a[r * p.row_step]);
#pragma GCC unroll 8
      for (int w = 0; w < WIDE; w++) c[r][w] = fma(one, row[w], c[r][w]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 8
    for (int w = 0; w < WIDE; w++) c[r][w].store(p.C + (i + r) * p.c_stride + j + w * V::COUNT);
}

// Rows first ... last - 1 in tiles of ROWS rows, columns from j on in tiles of WIDE lanes, then of half as many.
template <class V, int ROWS, int WIDE>
void tiles(const Product<typename V::T>& p, int64_t first, int64_t last, int64_t j) {
  if (first == last) return;
  for (; j + WIDE * V::COUNT <= p.columns; j += WIDE * V::COUNT)
    for (int64_t i = first; i < last; i += ROWS) tile<V, ROWS, WIDE>(p, i, j);
  if constexpr (WIDE > 1) {
    if (j < p.columns) tiles<V, ROWS, WIDE / 2>(p, first, last, j);
  }
}

template <class T>
void multiply(const Product<T>& p) {
  using V = typename LanesOf<T>::V;
  const int64_t tall = p.rows / TALL * TALL, pair = tall + (p.rows - tall) / 2 * 2;
  tiles<V, TALL, TALL_WIDE>(p, 0, tall, 0);
  if constexpr (TALL != 2) tiles<V, 2, PAIR_WIDE>(p, tall, pair, 0);
  tiles<V, 1, SINGLE_WIDE>(p, pair, p.rows, 0);
}

}  // namespace
}  // namespace descend
