// The table of losses: the term of one output in L, and dL/dv of one output. One row, one struct; V is Lanes or One.
// Where FUSED, delta = v - y straight from s. The same table in Python: spec/losses.py.
#pragma once

#include "contract/plan.hpp"
#include "numbers/activations.hpp"
#include "numbers/functions.hpp"

namespace descend {
namespace {

// What the term of one output may depend on: target y, weighted sum s, value v, parameter p, and for softmax
// log_sum = log sum_k e^(s_k).
template <class V>
struct Output {
  V y, s, v, p, log_sum;
};

// (v - y)^2 / 2;  v - y
struct Squared {
  static constexpr bool FUSED = false;
  template <class V>
  static INLINE V term(const Output<V>& o) {
    const V r = o.v - o.y;
    return number<V>(0.5) * (r * r);
  }
  template <class V>
  static INLINE V dL_dv(const Output<V>& o) {
    return o.v - o.y;
  }
};

// |v - y|;  1 for v >= y, else -1
struct Absolute {
  static constexpr bool FUSED = false;
  template <class V>
  static INLINE V term(const Output<V>& o) {
    return absolute(o.v - o.y);
  }
  template <class V>
  static INLINE V dL_dv(const Output<V>& o) {
    return select(o.v >= o.y, number<V>(1), number<V>(-1));
  }
};

// r^2 / 2 for |r| <= p, else p (|r| - p / 2), r = v - y;  r cut to [-p, p]
struct Huber {
  static constexpr bool FUSED = false;
  template <class V>
  static INLINE V term(const Output<V>& o) {
    const V r = absolute(o.v - o.y), half = number<V>(0.5);
    return select(r <= o.p, half * (r * r), o.p * (r - half * o.p));
  }
  template <class V>
  static INLINE V dL_dv(const Output<V>& o) {
    return clamp(o.v - o.y, -o.p, o.p);
  }
};

// p (y - v) for y > v, else (1 - p) (v - y);  1 - p for v >= y, else -p
struct Quantile {
  static constexpr bool FUSED = false;
  template <class V>
  static INLINE V term(const Output<V>& o) {
    const V r = o.y - o.v;
    return select(r > number<V>(0), o.p, o.p - number<V>(1)) * r;
  }
  template <class V>
  static INLINE V dL_dv(const Output<V>& o) {
    return select(o.v >= o.y, number<V>(1) - o.p, -o.p);
  }
};

// v - y s + (y log y - y), v = e^s;  1 - y / v
struct Poisson {
  static constexpr bool FUSED = true;
  template <class V>
  static INLINE V term(const Output<V>& o) {
    const V zero = number<V>(0), one = number<V>(1);
    return fma(-o.y, o.s, o.v) + (o.y * log(select(o.y > zero, o.y, one)) - o.y);
  }
  template <class V>
  static INLINE V dL_dv(const Output<V>& o) {
    return number<V>(1) - o.y / o.v;
  }
};

// -a / b, but 0 where a is 0
template <class V>
INLINE V minus_ratio(V a, V b) {
  const V zero = number<V>(0);
  return select(absolute(a) > zero, -(a / b), zero);
}

// log(1 + e^s) - y s = log(1 + e^-|s|) + s ([s >= 0] - y), which keeps small losses exact;  (1 - y) / (1 - v) - y / v
struct SigmoidLogLoss {
  static constexpr bool FUSED = true;
  template <class V>
  static INLINE V term(const Output<V>& o) {
    const V one = number<V>(1), zero = number<V>(0);
    return fma(o.s, select(o.s >= zero, one, zero) - o.y, log1p(exp_of_negative(-absolute(o.s))));
  }
  template <class V>
  static INLINE V dL_dv(const Output<V>& o) {
    const V one = number<V>(1);
    return minus_ratio(o.y, o.v) - minus_ratio(one - o.y, one - o.v);
  }
};

// y (log_sum - s);  -y / v
struct SoftmaxLogLoss {
  static constexpr bool FUSED = true;
  template <class V>
  static INLINE V term(const Output<V>& o) {
    return o.y * (o.log_sum - o.s);
  }
  template <class V>
  static INLINE V dL_dv(const Output<V>& o) {
    return minus_ratio(o.y, o.v);
  }
};

// Calls f with the row of a loss; log_loss has one for sigmoid outputs and one for softmax.
template <class F>
INLINE void with_loss(Loss loss, Activation output, F f) {
  switch (loss) {
    case SQUARED:
      return f(Squared{});
    case ABSOLUTE:
      return f(Absolute{});
    case HUBER:
      return f(Huber{});
    case QUANTILE:
      return f(Quantile{});
    case POISSON:
      return f(Poisson{});
    case LOG_LOSS:
      return output == SOFTMAX ? f(SoftmaxLogLoss{}) : f(SigmoidLogLoss{});
    case LOSSES:
      return;
  }
}

}  // namespace
}  // namespace descend
