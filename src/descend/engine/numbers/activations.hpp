// The table of activations: sigma(s), and sigma'(s) from s and v = sigma(s). One row, one struct; kinks take their
// right derivative. V is Lanes or One. The same table in Python: spec/activations.py.
#pragma once

#include "contract/plan.hpp"
#include "numbers/functions.hpp"

namespace descend {
namespace {

template <class V>
INLINE V number(double x) {
  return V::all(static_cast<typename V::T>(x));
}

// sign(s);  0
struct Step {
  template <class V>
  static INLINE V value(V s) {
    const V zero = number<V>(0);
    return select(s > zero, number<V>(1), select(s < zero, number<V>(-1), s));
  }
  template <class V>
  static INLINE V derivative(V, V) {
    return number<V>(0);
  }
};

// sign(s);  1 on [-1, 1], else 0
struct StraightThrough : Step {
  template <class V>
  static INLINE V derivative(V s, V) {
    return select(absolute(s) <= number<V>(1), number<V>(1), number<V>(0));
  }
};

// s;  1
struct Identity {
  template <class V>
  static INLINE V value(V s) {
    return s;
  }
  template <class V>
  static INLINE V derivative(V, V) {
    return number<V>(1);
  }
};

// 1 / (1 + e^-s);  v (1 - v)
struct Sigmoid {
  template <class V>
  static INLINE V value(V s) {
    return sigmoid(s);
  }
  template <class V>
  static INLINE V derivative(V, V v) {
    return v * (number<V>(1) - v);
  }
};

// tanh s;  1 - v^2
struct Tanh {
  template <class V>
  static INLINE V value(V s) {
    return tanh(s);
  }
  template <class V>
  static INLINE V derivative(V, V v) {
    return fma(-v, v, number<V>(1));
  }
};

// max(s, 0);  1 for s >= 0, else 0
struct Relu {
  template <class V>
  static INLINE V value(V s) {
    return larger(number<V>(0), s);  // nan stays nan
  }
  template <class V>
  static INLINE V derivative(V s, V) {
    return select(s >= number<V>(0), number<V>(1), number<V>(0));
  }
};

// s for s >= 0, else 0.01 s
struct LeakyRelu {
  template <class V>
  static INLINE V value(V s) {
    return select(s >= number<V>(0), s, number<V>(0.01) * s);
  }
  template <class V>
  static INLINE V derivative(V s, V) {
    return select(s >= number<V>(0), number<V>(1), number<V>(0.01));
  }
};

// s for s >= 0, else e^s - 1;  1, else v + 1
struct Elu {
  template <class V>
  static INLINE V value(V s) {
    return select(s >= number<V>(0), s, expm1(s));
  }
  template <class V>
  static INLINE V derivative(V s, V v) {
    return select(s >= number<V>(0), number<V>(1), v + number<V>(1));
  }
};

// k s for s >= 0, else k a (e^s - 1);  k, else v + k a
struct Selu {
  static constexpr double SCALE = 1.0507009873554805, ALPHA = 1.6732632423543772;
  template <class V>
  static INLINE V value(V s) {
    return number<V>(SCALE) * select(s >= number<V>(0), s, number<V>(ALPHA) * expm1(s));
  }
  template <class V>
  static INLINE V derivative(V s, V v) {
    return select(s >= number<V>(0), number<V>(SCALE), v + number<V>(SCALE * ALPHA));
  }
};

// s Phi(s);  Phi(s) + s phi(s)
struct Gelu {
  template <class V>
  static INLINE V value(V s) {
    return s * normal(s).cdf;
  }
  template <class V>
  static INLINE V derivative(V s, V) {
    const Normal<V> n = normal(s);
    return fma(s * number<V>(0.3989422804014327), n.bell, n.cdf);
  }
};

// s g, g = sigmoid(s);  g + v (1 - g)
struct Silu {
  template <class V>
  static INLINE V value(V s) {
    return s * sigmoid(s);
  }
  template <class V>
  static INLINE V derivative(V s, V v) {
    const V g = sigmoid(s);
    return fma(v, number<V>(1) - g, g);
  }
};

// s t, t = tanh(log(1 + e^s)) = n / (n + 2), n = e^s (e^s + 2);  t + s g (1 - t^2), 1 - t^2 = 4 (n + 1) / (n + 2)^2
struct Mish {
  template <class V>
  static INLINE V squared(V s) {
    const V flat = V::all(C<V>::MISH_FLAT), e = exp(select(s > flat, flat, s));
    return e * (e + number<V>(2));
  }
  template <class V>
  static INLINE V value(V s) {
    const V n = squared(s);
    return s * (n / (n + number<V>(2)));
  }
  template <class V>
  static INLINE V derivative(V s, V) {
    const V n = squared(s), below = n + number<V>(2);
    const V slope = (number<V>(4) * (n + number<V>(1))) / (below * below);
    return fma(s * sigmoid(s), slope, n / below);
  }
};

// log(1 + e^s);  sigmoid(s)
struct Softplus {
  template <class V>
  static INLINE V value(V s) {
    return softplus(s);
  }
  template <class V>
  static INLINE V derivative(V s, V) {
    return sigmoid(s);
  }
};

// e^s;  v
struct Exp {
  template <class V>
  static INLINE V value(V s) {
    return exp(s);
  }
  template <class V>
  static INLINE V derivative(V, V v) {
    return v;
  }
};

// Calls f with the row of an activation. Softmax is no function of one number: losses and forward passes treat it
// apart.
template <class F>
INLINE void with_activation(Activation sigma, bool straight_through, F f) {
  switch (sigma) {
    case STEP:
      return straight_through ? f(StraightThrough{}) : f(Step{});
    case IDENTITY:
      return f(Identity{});
    case SIGMOID:
      return f(Sigmoid{});
    case TANH:
      return f(Tanh{});
    case RELU:
      return f(Relu{});
    case LEAKY_RELU:
      return f(LeakyRelu{});
    case ELU:
      return f(Elu{});
    case SELU:
      return f(Selu{});
    case GELU:
      return f(Gelu{});
    case SILU:
      return f(Silu{});
    case MISH:
      return f(Mish{});
    case SOFTPLUS:
      return f(Softplus{});
    case EXP:
      return f(Exp{});
    case SOFTMAX:
    case ACTIVATIONS:
      return;
  }
}

}  // namespace
}  // namespace descend
