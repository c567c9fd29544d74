"""Functions of one number in C, of additions, products and divisions alone, so that every machine finds the same bits.

They are those of the engine (`engine/numbers/functions.hpp`) in float and without fused operations: a compiler may not
fuse them either, which the head of the file says to it (`GUARDS`). A product and the addition after it are rounded
apart on every processor then, and no function of a C library is called.
"""

from __future__ import annotations

from collections.abc import Iterable

from descend.exports.c.cell_functions import CELLS

GUARDS = """\
#include <float.h>
#include <string.h>

/* Products and sums are rounded one by one, as C says without fused operations: the bits are the same everywhere. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#if defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC optimize("tree-vectorize", "vect-cost-model=dynamic") /* which -O2 leaves to -O3 */
#endif
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#endif
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#define $FAST_MATH
#elif defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ > 0
#define $FAST_MATH
#endif
#if defined($FAST_MATH)
#error "compile this file without -ffast-math: it needs NaN, and the order of its additions"
#endif
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16
#error "compile this file with arithmetic in float: on 32-bit x86 with -msse2 -mfpmath=sse"
#endif
#if defined(__cplusplus)
#define $RESTRICT
#else
#define $RESTRICT restrict
#endif
"""

# name -> (what it calls, its text); "@" stands for the prefix. In the order in which they must stand.
NUMBERS: dict[str, tuple[tuple[str, ...], str]] = {
    "bits": (
        (),
        """\
static uint32_t @bits(float x) {
  uint32_t word;
  memcpy(&word, &x, sizeof word);
  return word;
}
""",
    ),
    "number": (
        (),
        """\
static float @number(uint32_t word) {
  float x;
  memcpy(&x, &word, sizeof x);
  return x;
}
""",
    ),
    "size": (
        ("bits", "number"),
        """\
/* |x| */
static float @size(float x) { return @number(@bits(x) & 0x7FFFFFFFu); }
""",
    ),
    "with_sign": (
        ("bits", "number"),
        """\
/* x >= 0 with the sign of y */
static float @with_sign(float x, float y) { return @number(@bits(x) | (@bits(y) & 0x80000000u)); }
""",
    ),
    "rest_of_power": (
        (),
        """\
/* e^r - 1 for |r| <= ln 2 / 2, and a little more */
static float @rest_of_power(float r) {
  const float far = 0x1.111112p-7f + r * (0x1.6c16c2p-10f + r * 0x1.a01a02p-13f);
  return r + (r * r) * (0x1.0p-1f + r * (0x1.555556p-3f + r * (0x1.555556p-5f + r * far)));
}
""",
    ),
    "power_parts": (
        ("rest_of_power",),
        """\
/* x = n ln 2 + r: returns n + 1.5 2^23, whose low bits are n, and e^r - 1 in rest */
static float @power_parts(float x, float *rest) {
  const float shifted = x * 0x1.715476p+0f + 12582912.0f, n = shifted - 12582912.0f;
  *rest = @rest_of_power((x - n * 0.693359375f) - n * -2.12194440e-4f);
  return shifted;
}
""",
    ),
    "two_to": (
        ("bits", "number"),
        """\
/* 2^n of n + 1.5 2^23 */
static float @two_to(float shifted) { return @number((@bits(shifted) - 0x4B400000u + 127u) << 23); }
""",
    ),
    "exp": (
        ("power_parts", "two_to"),
        """\
/* e^x: 0 below -87.3, where it is no normal number any more */
static float @exp(float x) {
  const float low = -87.336544f, least = x < low ? low : x, c = least > 89.0f ? 89.0f : least;
  const float top = c > 88.0f ? 1.0f : 0.0f; /* 2^n may overflow where e^x does not: 2^(n-1), then doubled */
  float rest;
  const float shifted = @power_parts(c, &rest), scale = @two_to(shifted - top);
  const float y = (scale + scale * rest) * (1.0f + top);
  return x < low ? 0.0f : y;
}
""",
    ),
    "expm1": (
        ("power_parts", "two_to", "size", "with_sign"),
        """\
/* e^x - 1 */
static float @expm1(float x) {
  const float low = -87.336544f, least = x < low ? low : x, c = least > 89.0f ? 89.0f : least;
  const float top = c > 88.0f ? 1.0f : 0.0f;
  float rest;
  const float shifted = @power_parts(c, &rest), scale = @two_to(shifted - top);
  const float y = (scale * rest + (scale - 1.0f)) * (1.0f + top);
  return @with_sign(@size(y), x);
}
""",
    ),
    "tanh": (
        ("power_parts", "two_to", "size", "with_sign"),
        """\
/* m / (m + 2), m = e^(2|x|) - 1, with the sign of x */
static float @tanh(float x) {
  const float y = @size(x) + @size(x), c = y > 20.0f ? 20.0f : y;
  float rest;
  const float shifted = @power_parts(c, &rest), scale = @two_to(shifted);
  const float m = scale * rest + (scale - 1.0f);
  return @with_sign(m / (m + 2.0f), x);
}
""",
    ),
    "sigmoid": (
        ("exp", "size"),
        """\
/* e^-|x| / (1 + e^-|x|) below 0, 1 / (1 + e^-|x|) from 0 on */
static float @sigmoid(float x) {
  const float e = @exp(-@size(x)), above = x < 0.0f ? e : 1.0f;
  return above / (1.0f + e);
}
""",
    ),
    "log": (
        ("bits", "number"),
        """\
/* log x for a normal x > 0: x = 2^k m, 1/sqrt 2 <= m < sqrt 2, and a series in (m - 1) / (m + 1) */
static float @log(float x) {
  const uint32_t shifted = @bits(x) + (0x3F800000u - 0x3F3504F3u);
  const float k = (float)(int32_t)(shifted >> 23) - 127.0f;
  const float f = @number((shifted & 0x007FFFFFu) + 0x3F3504F3u) - 1.0f, s = f / (2.0f + f), z = s * s;
  const float r = z * (0x1.555556p-1f + z * (0x1.99999ap-2f + z * (0x1.24924ap-2f + z * 0x1.c71c72p-3f)));
  const float half = 0.5f * (f * f), low = k * -2.12194440e-4f + s * (half + r);
  return k * 0.693359375f + (f - (half - low));
}
""",
    ),
    "log1p": (
        ("log",),
        """\
/* log(1 + x) for 0 <= x <= 1: log u + (x - (u - 1)) / u, u = 1 + x rounded */
static float @log1p(float x) {
  const float u = 1.0f + x;
  return @log(u) + (x - (u - 1.0f)) / u;
}
""",
    ),
    "softplus": (
        ("exp", "log1p", "size"),
        """\
/* log(1 + e^x) = max(x, 0) + log(1 + e^-|x|) */
static float @softplus(float x) {
  const float above = x < 0.0f ? 0.0f : x;
  return above + @log1p(@exp(-@size(x)));
}
""",
    ),
    "mish": (
        ("exp",),
        """\
/* x tanh(log(1 + e^x)) = x n / (n + 2), n = e^x (e^x + 2) */
static float @mish(float x) {
  const float e = @exp(x > 20.0f ? 20.0f : x), n = e * (e + 2.0f);
  return x * (n / (n + 2.0f));
}
""",
    ),
    "normal_tail": (
        ("exp",),
        """\
/* 1 - Phi(a) for 0 <= a <= 15: 1/2 - erf(a / sqrt 2) / 2 near 0, e^(-a^2/2) times a fitted function beyond */
static float @normal_tail(float a) {
  const float x = a * 0x1.6a09e6p-1f, z = x * x, t = (x - 3.0f) / (x + 3.0f);
  const float erf = x * (0x1.20dd76p+0f + z * (-0x1.812746p-2f + z * (0x1.ce2f22p-4f + z * (-0x1.b82ce4p-6f +
                    z * (0x1.565bccp-8f + z * (-0x1.c02db4p-11f + z * 0x1.f9a2c8p-14f))))));
  const float fitted = 1.253008058e+00f + t * (-1.356211491e-01f + t * (-4.756231817e-02f + t * (1.296467149e-01f +
                       t * (-1.192719193e-01f + t * (6.829302906e-02f + t * (-2.379466453e-02f + t * (2.576856517e-03f +
                       t * (2.001771226e-03f + t * (-7.881207530e-04f + t * -2.735959993e-04f)))))))));
  const float square = a * a, big = a * 4097.0f, high = big - (big - a), low = a - high;
  const float lost = ((high * high - square) + (high * low + high * low)) + low * low; /* a^2 - square */
  const float e = @exp(-(0.5f * square)), bell = e - e * (0.5f * lost);
  const float far = 0.5f * (bell * (fitted / (1.0f + (x + x)))), near = 0.5f * (1.0f - erf);
  return x < 0.5f ? near : far;
}
""",
    ),
    "gelu": (
        ("normal_tail", "size"),
        """\
/* x Phi(x) */
static float @gelu(float x) {
  const float size = @size(x), tail = @normal_tail(size > 15.0f ? 15.0f : size);
  const float below = x < 0.0f ? tail : 1.0f - tail;
  return x * below;
}
""",
    ),
    "softmax": (
        ("exp",),
        """\
/* e^v_j / sum of all e^v_k, shifted by the largest so that nothing overflows */
static void @softmax(float *v, int n) {
  float top = v[0], sum = 0.0f;
  int j;
  for (j = 1; j < n; j++) top = v[j] > top ? v[j] : top;
  for (j = 0; j < n; j++) {
    v[j] = @exp(v[j] - top);
    sum += v[j];
  }
  for (j = 0; j < n; j++) v[j] /= sum;
}
""",
    ),
}

FUNCTIONS = NUMBERS | CELLS


def functions(wanted: Iterable[str]) -> str:
    """Return the text of functions and of those that they call, each once, with "@" for the prefix.

    Parameters
    ----------
    wanted : iterable of str
        Names of `FUNCTIONS`; no function that nobody calls may be in a file, as compilers warn of it.

    Examples
    --------
    >>> text = functions(["sigmoid"])
    >>> [name for name in FUNCTIONS if f"static float @{name}(" in text]
    ['number', 'size', 'rest_of_power', 'power_parts', 'two_to', 'exp', 'sigmoid']
    """
    needed: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += FUNCTIONS[name][0]
    return "\n".join(text for name, (_, text) in FUNCTIONS.items() if name in needed)
