// The transpose of a packed matrix, by square tiles of one piece a row that are turned in registers (Eklundh 1972):
// stage h exchanges, for rows i and i + h, the entries whose column has bit h. Moves numbers only; no order of
// additions is at stake.
#pragma once

#include "numbers/vec.hpp"

namespace descend {
namespace {

#if defined(__clang__)
#define SHUFFLE(F, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(F, a, b, ...) __builtin_shuffle(a, b, typename F::Truth{__VA_ARGS__})
#endif

// Stage h of `a` and `b`: a' = a with b's entries moved up by h where bit h is set; b' = b with a's moved down
// elsewhere.
template <int H, int SIZE>
struct Stage;

#define STAGE(H, SIZE, UPPER, LOWER)                                                       \
  template <>                                                                              \
  struct Stage<H, SIZE> {                                                                  \
    template <class F>                                                                     \
    static INLINE void exchange(typename F::Piece& first, typename F::Piece& second, F*) { \
      const typename F::Piece a = first, b = second;                                       \
      first = SHUFFLE(F, a, b, UPPER);                                                     \
      second = SHUFFLE(F, a, b, LOWER);                                                    \
    }                                                                                      \
  };
#define LIST(...) __VA_ARGS__
STAGE(1, 2, LIST(0, 2), LIST(1, 3))
STAGE(1, 4, LIST(0, 4, 2, 6), LIST(1, 5, 3, 7))
STAGE(2, 4, LIST(0, 1, 4, 5), LIST(2, 3, 6, 7))
STAGE(1, 8, LIST(0, 8, 2, 10, 4, 12, 6, 14), LIST(1, 9, 3, 11, 5, 13, 7, 15))
STAGE(2, 8, LIST(0, 1, 8, 9, 4, 5, 12, 13), LIST(2, 3, 10, 11, 6, 7, 14, 15))
STAGE(4, 8, LIST(0, 1, 2, 3, 8, 9, 10, 11), LIST(4, 5, 6, 7, 12, 13, 14, 15))
STAGE(1, 16, LIST(0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30),
      LIST(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31))
STAGE(2, 16, LIST(0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
      LIST(2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))
STAGE(4, 16, LIST(0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),
      LIST(4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31))
STAGE(8, 16, LIST(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
      LIST(8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
#undef LIST
#undef STAGE
#undef SHUFFLE

// The stages H, 2 H, ... below END.
template <int H, int END, class F, int SIZE>
INLINE void turn(typename F::Piece (&rows)[SIZE]) {
  if constexpr (H < END) {
#pragma GCC unroll 16
    for (int i = 0; i < SIZE; i++)
      if ((i & H) == 0) Stage<H, SIZE>::exchange(rows[i], rows[i + H], static_cast<F*>(nullptr));
    turn<2 * H, END, F>(rows);
  }
}

// ---------------------------------------------------------------- rows that change their halves while they are loaded

// `first` and `second`: the lower half of a piece of numbers, and its upper half.
#if defined(__AVX512F__)
INLINE F64::Piece of_halves(const double* first, const double* second) {
  const __m512d lower = _mm512_castpd256_pd512(_mm256_loadu_pd(first));
  return (F64::Piece)_mm512_maskz_insertf64x4(0xff, lower, _mm256_loadu_pd(second), 1);
}
INLINE F32::Piece of_halves(const float* first, const float* second) {
  const __m512d lower = _mm512_castps_pd(_mm512_castps256_ps512(_mm256_loadu_ps(first)));
  return (F32::Piece)_mm512_maskz_insertf64x4(0xff, lower, _mm256_castps_pd(_mm256_loadu_ps(second)), 1);
}
#elif defined(__AVX2__)
INLINE F32::Piece of_halves(const float* first, const float* second) {
  return (F32::Piece)_mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(first)), _mm_loadu_ps(second), 1);
}
INLINE F64::Piece of_halves(const double* first, const double* second) {
  return (F64::Piece)_mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(first)), _mm_loadu_pd(second), 1);
}
#endif

// SIZE rows, turned: the exchange of halves, the last stage, needs no shuffle where a half can be loaded by itself.
template <class F, int SIZE>
INLINE void load_turned(const typename F::T* from, int64_t stride, typename F::Piece (&rows)[SIZE]) {
#if defined(__AVX2__)
  constexpr int HALF = SIZE / 2;
#pragma GCC unroll 16
  for (int i = 0; i < HALF; i++) {
    rows[i] = of_halves(from + i * stride, from + (i + HALF) * stride);
    rows[i + HALF] = of_halves(from + i * stride + HALF, from + (i + HALF) * stride + HALF);
  }
  turn<1, HALF, F>(rows);
#else
#pragma GCC unroll 16
  for (int i = 0; i < SIZE; i++) rows[i] = *reinterpret_cast<const typename F::Piece*>(from + i * stride);
  turn<1, SIZE, F>(rows);
#endif
}

// One tile, of which the first `columns` columns are wanted.
template <class F>
void transpose_tile(const typename F::T* from, int64_t from_stride, typename F::T* to, int64_t to_stride,
                    int64_t columns) {
  using Piece = typename F::Piece;
  constexpr int SIZE = WIDTH / static_cast<int>(sizeof(typename F::T));
  Piece rows[SIZE];
  load_turned<F>(from, from_stride, rows);
#pragma GCC unroll 16
  for (int i = 0; i < SIZE; i++)
    if (i < columns) *reinterpret_cast<Piece*>(to + i * to_stride) = rows[i];
}

// to[j, i] = from[i, j] for i < rows, j < columns; to's rows are filled up with zeros to `filled` entries. Both begin
// at 64 bytes, strides too.
template <class T>
void transpose(const T* from, int64_t from_stride, int64_t rows, int64_t columns, T* to, int64_t to_stride,
               int64_t filled) {
  constexpr int64_t SIZE = WIDTH / static_cast<int64_t>(sizeof(T)), FEW = 3;
  const int64_t tiled = columns > FEW ? rows / SIZE * SIZE : 0;
  for (int64_t i = 0; i < tiled; i += SIZE)
    for (int64_t j = 0; j < columns; j += SIZE)
      transpose_tile<typename LanesOf<T>::F>(from + i * from_stride + j, from_stride, to + j * to_stride + i, to_stride,
                                             columns - j);
  for (int64_t j = 0; j < columns; j++) {
    for (int64_t i = tiled; i < rows; i++) to[j * to_stride + i] = from[i * from_stride + j];
    for (int64_t i = rows; i < filled; i++) to[j * to_stride + i] = 0;
  }
}

}  // namespace
}  // namespace descend
