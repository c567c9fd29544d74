// The output layer of the twin: softmax, delta_d where dL/dv_d is given, how vectors are written out.
#pragma once

#include <vector>

#include "contract/plan.hpp"
#include "numbers/functions.hpp"

namespace descend {
namespace {

// v_j = e^(s_j - max) / sum_k e^(s_k - max); returns log sum_k e^(s_k)
template <class T>
T softmax_of(const std::vector<T>& s, std::vector<T>& v) {
  T top = s[0], sum = 0;
  for (const T one : s) top = one > top ? one : top;
  for (size_t j = 0; j < s.size(); j++) {
    v[j] = exp(One<T>{s[j] - top}).x;
    sum = j == 0 ? v[j] : sum + v[j];
  }
  for (T& one : v) one = one / sum;
  return top + log(One<T>{sum}).x;
}

template <class Net, class T>
void given_delta(Net& net, const T* dL_dv) {
  const std::vector<T>&s = net.s.back(), &v = net.v.back();
  T mean = v[0] * dL_dv[0];
  for (size_t k = 1; k < v.size(); k++) mean = mean + v[k] * dL_dv[k];
  for (size_t j = 0; j < v.size(); j++)
    net.delta.back()[j] =
        net.output() == SOFTMAX ? v[j] * (dL_dv[j] - mean) : dL_dv[j] * net.slope(net.output(), s[j], v[j]);
}

template <class T>
T* append(const std::vector<T>& from, T* to) {
  for (const T one : from) *to++ = one;
  return to;
}

}  // namespace
}  // namespace descend
