// Functions of one number in the twin: what `evaluate` of the door offers, over One<T>.
#pragma once

#include "contract/plan.hpp"
#include "numbers/activations.hpp"
#include "numbers/functions.hpp"

namespace descend {
namespace {

template <class T>
One<T> function_of(int function, One<T> x) {
  switch (static_cast<Function>(function)) {
    case F_EXP:
      return exp(x);
    case F_EXPM1:
      return expm1(x);
    case F_LOG:
      return log(x);
    case F_LOG1P:
      return log1p(x);
    case F_TANH:
      return tanh(x);
    case F_SIGMOID:
      return sigmoid(x);
    case F_ERF:
      return erf(x);
    case F_ERFC:
      return erfc(x);
    case F_NORMAL_CDF:
      return normal(x).cdf;
    case FUNCTIONS:
      break;
  }
  return x;
}

template <class T>
void evaluate(int code, bool derivative, const T* s, T* out, int64_t n) {
  using V = One<T>;
  const bool surrogate = code == ACTIVATIONS;
  for (int64_t i = 0; i < n; i++)
    if (code > ACTIVATIONS)
      out[i] = function_of(code - ACTIVATIONS - 1, V{s[i]}).x;
    else
      with_activation(surrogate ? STEP : static_cast<Activation>(code), surrogate, [&](auto row) {
        out[i] = derivative ? row.derivative(V{s[i]}, row.value(V{s[i]})).x : row.value(V{s[i]}).x;
      });
}

}  // namespace
}  // namespace descend
