// Lanes<F32>, Lanes<F64>: 64 bytes of numbers (16 floats, 8 doubles) as one value, made of pieces of the native width.
// The same program then runs on every instruction set, and lane k gets the same bits on each: +, -, *, /, sqrt and
// fma are rounded once everywhere. The baseline set has no fma; there it is a product and a sum.
#pragma once

#include <cstdint>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define INLINE inline __attribute__((always_inline))

// EACH_PIECE(statement) is the statement for each piece k. Not a loop: the compiler would meet it ten thousands of
// times and unroll each of them, for a large part of the time that it takes.
#define PIECE_NUMBER(number, statement) \
  {                                     \
    constexpr int k = number;           \
    statement;                          \
  }
#if defined(__AVX512F__)
#define WIDTH_IN_BYTES 64
#define EACH_PIECE(statement) PIECE_NUMBER(0, statement)
#elif defined(__AVX2__) && defined(__FMA__)
#define WIDTH_IN_BYTES 32
#define EACH_PIECE(statement) PIECE_NUMBER(0, statement) PIECE_NUMBER(1, statement)
#else
#define WIDTH_IN_BYTES 16
#define EACH_PIECE(statement) \
  PIECE_NUMBER(0, statement) PIECE_NUMBER(1, statement) PIECE_NUMBER(2, statement) PIECE_NUMBER(3, statement)
#endif
#define PIECES_OF(Result, expression) \
  Result r;                           \
  EACH_PIECE(r.p[k] = (expression))   \
  return r

namespace descend {
namespace {

constexpr int WIDTH = WIDTH_IN_BYTES;
constexpr int PIECES = 64 / WIDTH;
#if defined(__FMA__) || defined(__aarch64__)
constexpr bool HAS_FMA = true;
#else
constexpr bool HAS_FMA = false;
#endif
// The baseline set does without kernels for special widths: it would take the compiler longest of all, and nobody who
// wants to be fast has it.
constexpr bool HAS_SPECIAL_WIDTHS = HAS_FMA;
template <int WIDTH_OF_A_KERNEL>
constexpr int SPECIAL = HAS_SPECIAL_WIDTHS ? WIDTH_OF_A_KERNEL : 0;  // 0 is any

struct F32 {
  using T = float;
  using U = uint32_t;
  typedef float Piece __attribute__((vector_size(WIDTH)));
  typedef uint32_t Bits __attribute__((vector_size(WIDTH)));
  typedef int32_t Truth __attribute__((vector_size(WIDTH)));
};
struct F64 {
  using T = double;
  using U = uint64_t;
  typedef double Piece __attribute__((vector_size(WIDTH)));
  typedef uint64_t Bits __attribute__((vector_size(WIDTH)));
  typedef int64_t Truth __attribute__((vector_size(WIDTH)));
};

// ---------------------------------------------------------------- what vector types cannot say: fma, sqrt, a > b ? a :
// b

#if defined(__AVX512F__)
INLINE F32::Piece piece_fma(F32::Piece a, F32::Piece b, F32::Piece c) {
  return (F32::Piece)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}
INLINE F64::Piece piece_fma(F64::Piece a, F64::Piece b, F64::Piece c) {
  return (F64::Piece)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
}
INLINE F32::Piece piece_sqrt(F32::Piece a) { return (F32::Piece)_mm512_sqrt_ps((__m512)a); }
INLINE F64::Piece piece_sqrt(F64::Piece a) { return (F64::Piece)_mm512_sqrt_pd((__m512d)a); }
#elif defined(__AVX2__) && defined(__FMA__)
INLINE F32::Piece piece_fma(F32::Piece a, F32::Piece b, F32::Piece c) {
  return (F32::Piece)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}
INLINE F64::Piece piece_fma(F64::Piece a, F64::Piece b, F64::Piece c) {
  return (F64::Piece)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}
INLINE F32::Piece piece_sqrt(F32::Piece a) { return (F32::Piece)_mm256_sqrt_ps((__m256)a); }
INLINE F64::Piece piece_sqrt(F64::Piece a) { return (F64::Piece)_mm256_sqrt_pd((__m256d)a); }
#elif defined(__aarch64__)
INLINE F32::Piece piece_fma(F32::Piece a, F32::Piece b, F32::Piece c) {
  return (F32::Piece)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}
INLINE F64::Piece piece_fma(F64::Piece a, F64::Piece b, F64::Piece c) {
  return (F64::Piece)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
}
INLINE F32::Piece piece_sqrt(F32::Piece a) { return (F32::Piece)vsqrtq_f32((float32x4_t)a); }
INLINE F64::Piece piece_sqrt(F64::Piece a) { return (F64::Piece)vsqrtq_f64((float64x2_t)a); }
#else
INLINE F32::Piece piece_fma(F32::Piece a, F32::Piece b, F32::Piece c) { return a * b + c; }
INLINE F64::Piece piece_fma(F64::Piece a, F64::Piece b, F64::Piece c) { return a * b + c; }
INLINE F32::Piece piece_sqrt(F32::Piece a) {
  for (int k = 0; k < WIDTH / 4; k++) a[k] = __builtin_sqrtf(a[k]);
  return a;
}
INLINE F64::Piece piece_sqrt(F64::Piece a) {
  for (int k = 0; k < WIDTH / 8; k++) a[k] = __builtin_sqrt(a[k]);
  return a;
}
#endif

// a > b ? a : b and a < b ? a : b: b where one is nan, and where both are zeros. On x86 one instruction says just that.
#if defined(__x86_64__) || defined(_M_X64)
#if defined(__AVX512F__)
#define X86(name, type) _mm512_##name##_##type
#elif defined(__AVX2__) && defined(__FMA__)
#define X86(name, type) _mm256_##name##_##type
#else
#define X86(name, type) _mm_##name##_##type
#endif
INLINE F32::Piece larger(F32::Piece a, F32::Piece b) { return (F32::Piece)X86(max, ps)(a, b); }
INLINE F64::Piece larger(F64::Piece a, F64::Piece b) { return (F64::Piece)X86(max, pd)(a, b); }
INLINE F32::Piece smaller(F32::Piece a, F32::Piece b) { return (F32::Piece)X86(min, ps)(a, b); }
INLINE F64::Piece smaller(F64::Piece a, F64::Piece b) { return (F64::Piece)X86(min, pd)(a, b); }
#undef X86
#else
template <class Piece>
INLINE Piece larger(Piece a, Piece b) {
  return a > b ? a : b;
}
template <class Piece>
INLINE Piece smaller(Piece a, Piece b) {
  return a < b ? a : b;
}
#endif

// ---------------------------------------------------------------- lanes, their bits, and truth values

template <class F>
struct Words {
  typename F::Bits p[PIECES];
};
template <class F>
struct Mask {
  typename F::Truth p[PIECES];
};

template <class F>
struct Lanes {
  using T = typename F::T;
  using U = typename F::U;
  using Piece = typename F::Piece;
  using Truth = typename F::Truth;
  static constexpr int COUNT = 64 / sizeof(T);
  Piece p[PIECES];

  static INLINE Lanes all(T x) { PIECES_OF(Lanes, x - Piece{}); }
  static INLINE Lanes load(const T* at) { PIECES_OF(Lanes, reinterpret_cast<const Piece*>(at)[k]); }
  static INLINE Lanes of_words(Words<F> w) { PIECES_OF(Lanes, (Piece)w.p[k]); }
  INLINE void store(T* at) const { EACH_PIECE(reinterpret_cast<Piece*>(at)[k] = p[k]) }

  friend INLINE Lanes operator+(Lanes a, Lanes b) { PIECES_OF(Lanes, a.p[k] + b.p[k]); }
  friend INLINE Lanes operator-(Lanes a, Lanes b) { PIECES_OF(Lanes, a.p[k] - b.p[k]); }
  friend INLINE Lanes operator*(Lanes a, Lanes b) { PIECES_OF(Lanes, a.p[k] * b.p[k]); }
  friend INLINE Lanes operator/(Lanes a, Lanes b) { PIECES_OF(Lanes, a.p[k] / b.p[k]); }
  friend INLINE Lanes operator-(Lanes a) { PIECES_OF(Lanes, -a.p[k]); }
  friend INLINE Lanes fma(Lanes a, Lanes b, Lanes c) { PIECES_OF(Lanes, piece_fma(a.p[k], b.p[k], c.p[k])); }
  friend INLINE Lanes square_root(Lanes a) { PIECES_OF(Lanes, piece_sqrt(a.p[k])); }
  friend INLINE Lanes larger(Lanes a, Lanes b) { PIECES_OF(Lanes, larger(a.p[k], b.p[k])); }
  friend INLINE Lanes smaller(Lanes a, Lanes b) { PIECES_OF(Lanes, smaller(a.p[k], b.p[k])); }
  friend INLINE Lanes select(Mask<F> m, Lanes a, Lanes b) { PIECES_OF(Lanes, m.p[k] ? a.p[k] : b.p[k]); }

  friend INLINE Mask<F> operator<(Lanes a, Lanes b) { PIECES_OF(Mask<F>, (Truth)(a.p[k] < b.p[k])); }
  friend INLINE Mask<F> operator<=(Lanes a, Lanes b) { PIECES_OF(Mask<F>, (Truth)(a.p[k] <= b.p[k])); }
  friend INLINE Mask<F> operator>(Lanes a, Lanes b) { return b < a; }
  friend INLINE Mask<F> operator>=(Lanes a, Lanes b) { return b <= a; }
  friend INLINE Words<F> words(Lanes a) { PIECES_OF(Words<F>, (typename F::Bits)a.p[k]); }
};

// Integers without sign, modulo 2^32 or 2^64; shifts fill with zeros.
template <class F>
INLINE Words<F> plus(Words<F> a, typename F::U b) {
  PIECES_OF(Words<F>, a.p[k] + b);
}
template <class F>
INLINE Words<F> both(Words<F> a, typename F::U b) {
  PIECES_OF(Words<F>, a.p[k] & b);
}
template <class F>
INLINE Words<F> either(Words<F> a, typename F::U b) {
  PIECES_OF(Words<F>, a.p[k] | b);
}
template <class F>
INLINE Words<F> either(Words<F> a, Words<F> b) {
  PIECES_OF(Words<F>, a.p[k] | b.p[k]);
}
template <class F>
INLINE Words<F> shift_left(Words<F> a, int n) {
  PIECES_OF(Words<F>, a.p[k] << n);
}
template <class F>
INLINE Words<F> shift_right(Words<F> a, int n) {
  PIECES_OF(Words<F>, a.p[k] >> n);
}

template <class T>
struct LanesOf;
template <>
struct LanesOf<float> {
  using F = F32;
  using V = Lanes<F32>;
};
template <>
struct LanesOf<double> {
  using F = F64;
  using V = Lanes<F64>;
};

}  // namespace
}  // namespace descend
