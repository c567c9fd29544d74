// Functions of one number, our own so that every instruction set gives the same bits: e^x, e^x - 1, log x, log(1 + x),
// tanh, the logistic function, erf, erfc and the normal distribution function. V is Lanes or One.
// Series are the Taylor series itself, cut where the next term is below the last bit; only erfcx has fitted
// coefficients. Numbers below the normal range count as 0, as everywhere in the engine.
#pragma once

#include <cstdint>

#ifdef DESCEND_TWIN
#include "numbers/one.hpp"
#else
#include "numbers/vec.hpp"
#endif

namespace descend {
namespace {

template <class T>
struct Constants;

template <>
struct Constants<float> {
  static constexpr int MANTISSA = 23;
  static constexpr uint32_t SIGN = 0x80000000u, ONE = 0x3F800000u, ROOT_HALF = 0x3F3504F3u, FRACTION = 0x007FFFFFu;
  static constexpr float MAGIC = 12582912.0f;  // 1.5 2^23: x + MAGIC has the nearest integer of x in its low bits
  static constexpr uint32_t MAGIC_WORD = 0x4B400000u;
  static constexpr float COUNT_BASE = 8388608.0f;  // 2^23: its low bits take an integer
  static constexpr uint32_t COUNT_WORD = 0x4B000000u;
  static constexpr float LOG2_E = 0x1.715476p+0f, LN_2_HIGH = 0.693359375f, LN_2_LOW = -2.12194440e-4f;
  static constexpr float EXP_LOW = -87.336544f, EXP_TOP = 88.0f, EXP_HIGH = 89.0f;
  static constexpr float TANH_FLAT = 20.0f, MISH_FLAT = 20.0f, NORMAL_FLAT = 15.0f, ERFC_FLAT = 10.5f;
  static constexpr float SMALLEST = 0x1p-126f;
  // (e^r - 1 - r) / r^2
  static constexpr float EXP[] = {1.f / 2, 1.f / 6, 1.f / 24, 1.f / 120, 1.f / 720, 1.f / 5040};
  // (2 atanh(s) - 2 s) / s^3, in s^2
  static constexpr float LOG[] = {2.f / 3, 2.f / 5, 2.f / 7, 2.f / 9};
  // erf(x) / x, in x^2
  static constexpr float ERF[] = {1.1283791671f,    -0.37612638903f,    0.11283791671f,   -0.026866170645f,
                                  0.0052239776254f, -0.00085483270235f, 0.00012055332982f};
  // (1 + 2 x) e^(x^2) erfc(x) in (x - 3) / (x + 3), 0 <= x <= 10.5; relative error 3.3e-9
  static constexpr float ERFCX_CENTRE = 3.0f;
  static constexpr float ERFCX[] = {1.253008058e+00f,  -1.356211491e-01f, -4.756231817e-02f, 1.296467149e-01f,
                                    -1.192719193e-01f, 6.829302906e-02f,  -2.379466453e-02f, 2.576856517e-03f,
                                    2.001771226e-03f,  -7.881207530e-04f, -2.735959993e-04f};
};

template <>
struct Constants<double> {
  static constexpr int MANTISSA = 52;
  static constexpr uint64_t SIGN = 0x8000000000000000u, ONE = 0x3FF0000000000000u, ROOT_HALF = 0x3FE6A09E667F3BCDu,
                            FRACTION = 0x000FFFFFFFFFFFFFu;
  static constexpr double MAGIC = 6755399441055744.0;  // 1.5 2^52
  static constexpr uint64_t MAGIC_WORD = 0x4338000000000000u;
  static constexpr double COUNT_BASE = 4503599627370496.0;  // 2^52
  static constexpr uint64_t COUNT_WORD = 0x4330000000000000u;
  static constexpr double LOG2_E = 0x1.71547652b82fep+0, LN_2_HIGH = 0x1.62e42feep-1, LN_2_LOW = 1.9082149292705877e-10;
  static constexpr double EXP_LOW = -708.39641853226408, EXP_TOP = 709.0, EXP_HIGH = 710.0;
  static constexpr double TANH_FLAT = 44.0, MISH_FLAT = 40.0, NORMAL_FLAT = 40.0, ERFC_FLAT = 28.0;
  static constexpr double SMALLEST = 0x1p-1022;
  static constexpr double EXP[] = {1.0 / 2,       1.0 / 6,        1.0 / 24,        1.0 / 120,
                                   1.0 / 720,     1.0 / 5040,     1.0 / 40320,     1.0 / 362880,
                                   1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
  static constexpr double LOG[] = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11,
                                   2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21};
  static constexpr double ERF[] = {1.1283791670955125739,     -0.37612638903183752463,     0.11283791670955125739,
                                   -0.026866170645131251759,  0.0052239776254421878421,    -0.00085483270234508528325,
                                   0.00012055332981789664251, -0.000014925650358406250977, 1.6462114365889247402e-6,
                                   -1.6365844691234924317e-7, 1.480719281587921724e-8,     -1.2290555301717927353e-9,
                                   9.4227590646504109706e-11};
  // In (x - 4) / (x + 4), 0 <= x <= 28; relative error 1.4e-17
  static constexpr double ERFCX_CENTRE = 4.0;
  static constexpr double ERFCX[] = {
      1.23299511862555256e+00,  -1.39621116840562887e-01, 1.53796521026207406e-02,  6.80970542547373187e-02,
      -1.01039066036352126e-01, 9.37328349967941205e-02,  -6.63303658115293876e-02, 3.71675155624928630e-02,
      -1.61977340591150064e-02, 5.03196975589542597e-03,  -7.57773341413330004e-04, -1.99255507556149523e-04,
      1.50622243948302987e-04,  -2.44031692449740737e-05, -1.12247891351547010e-05, 5.71788728463218554e-06,
      3.01350499448753971e-07,  -8.35161968869684687e-07, 6.27072715719831089e-08,  1.15349437457541569e-07,
      -7.71541861441783023e-09, -1.36709898633473828e-08, -1.82060986803086824e-09};
};

template <class V>
using C = Constants<typename V::T>;

// c_0 + c_1 x + ... + c_(N-1) x^(N-1), by Horner's rule.
template <class V, int N>
INLINE V polynomial(V x, const typename V::T (&c)[N]) {
  V sum = V::all(c[N - 1]);
#pragma GCC unroll 32
  for (int k = N - 2; k >= 0; k--) sum = fma(sum, x, V::all(c[k]));
  return sum;
}

template <class V>
INLINE V absolute(V x) {
  return V::of_words(both(words(x), ~C<V>::SIGN));
}

// The size of x with the sign of y; x >= 0.
template <class V>
INLINE V with_sign(V x, V y) {
  return V::of_words(either(words(x), both(words(y), C<V>::SIGN)));
}

// a * a = p + rest with p = a * a rounded; without fma by Veltkamp's and Dekker's splitting.
template <class V>
INLINE V square_rest(V a, V p) {
  if constexpr (HAS_FMA) {
    return fma(a, a, -p);
  } else {
    const V big = a * V::all(static_cast<typename V::T>((uint64_t{1} << (C<V>::MANTISSA + 2) / 2) + 1));
    const V high = big - (big - a), low = a - high;
    return ((high * high - p) + (high * low + high * low)) + low * low;
  }
}

// ---------------------------------------------------------------- e^x

// x = n ln 2 + r, |r| <= ln 2 / 2;  e^x = 2^n (1 + rest)
template <class V>
struct Power {
  V n_magic;  // n + MAGIC
  V rest;     // e^r - 1
};

template <class V>
INLINE Power<V> power_parts(V x) {
  const V n_magic = fma(x, V::all(C<V>::LOG2_E), V::all(C<V>::MAGIC)), n = n_magic - V::all(C<V>::MAGIC);
  V r = fma(-n, V::all(C<V>::LN_2_HIGH), x);
  r = fma(-n, V::all(C<V>::LN_2_LOW), r);
  return {n_magic, fma(r * r, polynomial(r, C<V>::EXP), r)};
}

template <class V>
INLINE V two_to(V n_magic) {
  return V::of_words(
      shift_left(plus(words(n_magic), static_cast<typename V::U>((C<V>::ONE >> C<V>::MANTISSA) - C<V>::MAGIC_WORD)),
                 C<V>::MANTISSA));
}

template <class V>
INLINE V clamp(V x, V low, V high) {
  return larger(low, smaller(high, x));
}

template <class V>
INLINE V exp(V x) {
  const V low = V::all(C<V>::EXP_LOW), one = V::all(1);
  const V c = clamp(x, low, V::all(C<V>::EXP_HIGH));
  const auto top = c > V::all(C<V>::EXP_TOP);  // 2^n may overflow where e^x does not: take 2^(n-1), then double
  const Power<V> p = power_parts(c);
  const V scale = two_to(select(top, p.n_magic - one, p.n_magic));
  const V y = fma(scale, p.rest, scale);
  return select(x < low, V::all(0), select(top, y + y, y));
}

// e^x for -flat <= x <= 0: no ends to look after but the lower one.
template <class V>
INLINE V exp_of_negative(V x) {
  const V low = V::all(C<V>::EXP_LOW);
  const Power<V> p = power_parts(select(x < low, low, x));
  const V scale = two_to(p.n_magic);
  return select(x < low, V::all(0), fma(scale, p.rest, scale));
}

// e^x - 1 where 2^n does not overflow: 2^n rest + (2^n - 1)
template <class V>
INLINE V expm1_below_top(V x) {
  const Power<V> p = power_parts(x);
  const V scale = two_to(p.n_magic);
  return fma(scale, p.rest, scale - V::all(1));
}

template <class V>
INLINE V expm1(V x) {
  const V c = clamp(x, V::all(C<V>::EXP_LOW), V::all(C<V>::EXP_HIGH));
  const auto top = c > V::all(C<V>::EXP_TOP);
  const Power<V> p = power_parts(c);
  const V scale = two_to(select(top, p.n_magic - V::all(1), p.n_magic));
  const V y = fma(scale, p.rest, scale);
  return with_sign(absolute(select(top, y + y, fma(scale, p.rest, scale - V::all(1)))), x);
}

// ---------------------------------------------------------------- tanh, sigmoid

// m / (m + 2), m = e^(2|x|) - 1, with the sign of x
template <class V>
INLINE V tanh(V x) {
  const V y = absolute(x) + absolute(x), flat = V::all(C<V>::TANH_FLAT);
  const V m = expm1_below_top(select(y > flat, flat, y));
  return with_sign(m / (m + V::all(2)), x);
}

// e^-|x| / (1 + e^-|x|) below 0, 1 / (1 + e^-|x|) from 0 on
template <class V>
INLINE V sigmoid(V x) {
  const V e = exp_of_negative(-absolute(x)), one = V::all(1);
  return select(x < V::all(0), e, one) / (one + e);
}

// ---------------------------------------------------------------- log

// x = 2^k m, 1/sqrt 2 <= m < sqrt 2, f = m - 1, s = f / (2 + f):  log m = f - (f^2/2 - s (f^2/2 + R)), R = 2 atanh(s)/s
// - 2
template <class V>
INLINE V log_of_normal(V x) {
  const auto shifted = plus(words(x), C<V>::ONE - C<V>::ROOT_HALF);
  const V k = V::of_words(either(shift_right(shifted, C<V>::MANTISSA), C<V>::COUNT_WORD)) -
              V::all(C<V>::COUNT_BASE + (C<V>::ONE >> C<V>::MANTISSA));
  const V m = V::of_words(plus(both(shifted, C<V>::FRACTION), C<V>::ROOT_HALF));
  const V f = m - V::all(1), s = f / (V::all(2) + f), z = s * s;
  const V half = V::all(0.5f) * (f * f), R = z * polynomial(z, C<V>::LOG);
  const V low = fma(k, V::all(C<V>::LN_2_LOW), s * (half + R));
  return fma(k, V::all(C<V>::LN_2_HIGH), f - (half - low));
}

template <class V>
INLINE V log(V x) {
  using T = typename V::T;
  const V infinity = V::all(static_cast<T>(__builtin_inf())), nan = V::all(static_cast<T>(__builtin_nan("")));
  const V y = select(x < infinity, log_of_normal(x), x);  // inf and nan stay
  return select(x < V::all(C<V>::SMALLEST), select(x < V::all(0), nan, -infinity), y);
}

// log u + (x - (u - 1)) / u, u = 1 + x rounded
template <class V>
INLINE V log1p(V x) {
  const V infinity = V::all(static_cast<typename V::T>(__builtin_inf())), one = V::all(1);
  const V u = one + x, rest = (x - (u - one)) / u;
  const V y = log(u);
  const V corrected = y + select(u > V::all(0), rest, V::all(0));
  const V size = select(x < infinity, corrected, x);
  return select(absolute(x) < V::all(C<V>::SMALLEST), x, size);
}

// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)
template <class V>
INLINE V softplus(V x) {
  return select(x < V::all(0), V::all(0), x) + log1p(exp_of_negative(-absolute(x)));
}

// ---------------------------------------------------------------- erf, erfc, the normal distribution

// e^(x^2) erfc(x) for x >= 0
template <class V>
INLINE V erfcx(V x) {
  const V centre = V::all(C<V>::ERFCX_CENTRE);
  const V t = (x - centre) / (x + centre);
  return polynomial(t, C<V>::ERFCX) / (V::all(1) + (x + x));
}

// e^(-h x^2), h = 1 or 1/2, with the rounding of x^2 taken back
template <class V>
INLINE V exp_of_square(V x, V h) {
  const V p = x * x, e = exp_of_negative(-(h * p));
  return fma(-e, h * square_rest(x, p), e);
}

// erf(x) for |x| <= 1/2
template <class V>
INLINE V erf_near_0(V x) {
  return x * polynomial(x * x, C<V>::ERF);
}

// erfc(a) for a >= 0: 1 - erf up to 1/2, e^(-a^2) erfcx(a) beyond
template <class V>
INLINE V erfc_of_size(V a) {
  return select(a < V::all(0.5f), V::all(1) - erf_near_0(a), exp_of_square(a, V::all(1)) * erfcx(a));
}

template <class V>
INLINE V erfc(V x) {
  const V flat = V::all(C<V>::ERFC_FLAT), size = absolute(x);
  const V tail = erfc_of_size(select(size > flat, flat, size));
  return select(x < V::all(0), V::all(2) - tail, tail);
}

template <class V>
INLINE V erf(V x) {
  const V flat = V::all(C<V>::ERFC_FLAT), size = absolute(x), a = select(size > flat, flat, size);
  return with_sign(select(a < V::all(0.5f), erf_near_0(a), V::all(1) - erfc_of_size(a)), x);
}

// Phi(x) and e^(-x^2/2), from which gelu and its derivative are made
template <class V>
struct Normal {
  V cdf, bell;
};

// Phi(-a) = 1/2 - erf(a/sqrt 2) / 2 near 0, e^(-a^2/2) erfcx(a/sqrt 2) / 2 beyond: nothing cancels in the tail
template <class V>
INLINE Normal<V> normal(V x) {
  const V flat = V::all(C<V>::NORMAL_FLAT), size = absolute(x), a = select(size > flat, flat, size),
          half = V::all(0.5f);
  const V bell = exp_of_square(a, half), scaled = a * V::all(static_cast<typename V::T>(0.7071067811865476));
  const V tail = half * select(scaled < half, V::all(1) - erf_near_0(scaled), bell * erfcx(scaled));
  return {select(x < V::all(0), tail, V::all(1) - tail), bell};
}

}  // namespace
}  // namespace descend
