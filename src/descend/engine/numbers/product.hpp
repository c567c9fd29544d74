// C = start + A B by register tiles: the one matrix product of forward and backward. Each entry of C is one chain of
// fma over the terms k = 0, 1, ..., so tiles and the cutting of a batch into chunks do not change a bit.
#pragma once

#include "numbers/vec.hpp"

namespace descend {
namespace {

// What the chains begin with.
template <class T>
struct Start {
  enum Kind { NUMBER, ROW, COLUMN, MATRIX } kind;
  const T* at;     // ROW: at[j] * factor;  COLUMN: at[i * stride] * factor;  MATRIX: at[i * stride + j]
  int64_t stride;  // of COLUMN and MATRIX
  T factor;        // NUMBER: this
};

template <class T>
struct Product {
  const T* A;  // A(i, k) = A[i * row_step + k * term_step]
  int64_t row_step, term_step;
  const T* B;  // B(k, j) = B[k * b_stride + j], 64-byte aligned rows
  int64_t b_stride;
  T* C;
  int64_t c_stride;
  int64_t rows, columns, terms;  // columns: a multiple of the lanes
  Start<T> start;
};

// Tiles of up to TALL rows; widths in Lanes of tiles of at least 4, of 2 or 3, and of a single row. They fill the
// registers: 32 of 64 bytes, 16 of 32, 32 or 16 of 16. Where all columns are NARROW_WIDE Lanes or fewer, tiles may be
// NARROW_TALL.
#if defined(__aarch64__)
constexpr int TALL = 6, TALL_WIDE = 1, PAIR_WIDE = 2, SINGLE_WIDE = 2;
#else
constexpr int TALL = PIECES == 4 ? 2 : 6, TALL_WIDE = PIECES == 1 ? 4 : 1;
constexpr int PAIR_WIDE = PIECES == 1 ? 4 : PIECES == 2 ? 2 : 1, SINGLE_WIDE = 8 / PIECES;
#endif

constexpr int NARROW_TALL = PIECES == 1 ? 12 : TALL, NARROW_WIDE = 1;

template <int ROWS>
constexpr int WIDEST = ROWS > TALL ? NARROW_WIDE
                       : ROWS == 1 ? SINGLE_WIDE
                       : ROWS <= 3 ? PAIR_WIDE
                                   : TALL_WIDE;

// c[r][w] = f(r, w)
template <class V, int ROWS, int WIDE, class F>
INLINE void fill(V (&c)[ROWS][WIDE], F f) {
#pragma GCC unroll 12
  for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 12
    for (int w = 0; w < WIDE; w++) c[r][w] = f(r, w);
}

template <class V, int ROWS, int WIDE>
INLINE void start_tile(const Start<typename V::T>& s, int64_t i, int64_t j, V (&c)[ROWS][WIDE]) {
  using Kind = Start<typename V::T>;
  const auto* const at = s.at;
  if (s.kind == Kind::NUMBER)
    fill(c, [&](int, int) { return V::all(s.factor); });
  else if (s.kind == Kind::ROW)
    fill(c, [&](int, int w) { return V::load(at + j + w * V::COUNT) * V::all(s.factor); });
  else if (s.kind == Kind::COLUMN)
    fill(c, [&](int r, int) { return V::all(at[(i + r) * s.stride] * s.factor); });
  else
    fill(c, [&](int r, int w) { return V::load(at + (i + r) * s.stride + j + w * V::COUNT); });
}

template <class V, int ROWS, int WIDE>
void tile(const Product<typename V::T>& p, int64_t i, int64_t j) {
  using T = typename V::T;
  V c[ROWS][WIDE];
  start_tile(p.start, i, j, c);
  const T *a = p.A + i * p.row_step, *b = p.B + j;
  // C[i, j] += A[i, k] B[k, j]
  for (int64_t k = 0; k < p.terms; k++, a += p.term_step, b += p.b_stride) {
    V row[WIDE];
#pragma GCC unroll 12
    for (int w = 0; w < WIDE; w++) row[w] = V::load(b + w * V::COUNT);
#pragma GCC unroll 12
    for (int r = 0; r < ROWS; r++) {
      const V one = V::all(a[r * p.row_step]);
#pragma GCC unroll 12
      for (int w = 0; w < WIDE; w++) c[r][w] = fma(one, row[w], c[r][w]);
    }
  }
#pragma GCC unroll 12
  for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 12
    for (int w = 0; w < WIDE; w++) c[r][w].store(p.C + (i + r) * p.c_stride + j + w * V::COUNT);
}

// Rows first ... last - 1 in tiles of ROWS rows, columns from j on in tiles of WIDE lanes, then of half as many.
template <class V, int ROWS, int WIDE>
void tiles(const Product<typename V::T>& p, int64_t first, int64_t last, int64_t j) {
  for (; j + WIDE * V::COUNT <= p.columns; j += WIDE * V::COUNT)
    for (int64_t i = first; i < last; i += ROWS) tile<V, ROWS, WIDE>(p, i, j);
  if constexpr (WIDE > 1) {
    if (j < p.columns) tiles<V, ROWS, WIDE / 2>(p, first, last, j);
  }
}

// `tall` tiles of `height` rows, then as many of one row less as are left: all about equal, since short tiles are slow.
template <class V, int ROWS>
void tiles_of_height(const Product<typename V::T>& p, int64_t height, int64_t tall) {
  if constexpr (ROWS > 1) {
    if (height < ROWS) return tiles_of_height<V, ROWS - 1>(p, height, tall);
  }
  const int64_t cut = tall * ROWS;
  tiles<V, ROWS, WIDEST<ROWS>>(p, 0, cut, 0);
  if constexpr (ROWS > 1) {
    if (cut < p.rows) tiles<V, ROWS - 1, WIDEST<ROWS - 1>>(p, cut, p.rows, 0);
  }
}

template <class T>
void multiply(const Product<T>& p) {
  using V = typename LanesOf<T>::V;
  const int64_t most = p.columns <= NARROW_WIDE * V::COUNT ? NARROW_TALL : TALL;
  const int64_t count = (p.rows + most - 1) / most, height = (p.rows + count - 1) / count;
  tiles_of_height<V, NARROW_TALL>(p, height, p.rows - (height - 1) * count);
}

}  // namespace
}  // namespace descend
