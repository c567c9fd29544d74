// A first layer whose inputs come by index, in the twin: the chains of contract/order.hpp, sample by sample.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "contract/plan.hpp"

namespace descend {
namespace {

template <class T>
struct TwinFields {
  const Plan& plan;
  const Network& net = plan.network;
  std::vector<T> x = std::vector<T>(static_cast<size_t>(net.n_0));  // numbers at their columns, of one row
  std::vector<T> passed = std::vector<T>(static_cast<size_t>(net.n_fields > 0 ? net.n_0 * net.layers[0].n_out : 0));

  bool any() const { return net.n_fields > 0; }

  bool covers(int64_t column) const {
    for (int64_t f = 0; f < net.n_fields; f++)
      if (column >= net.fields[f].first && column < net.fields[f].first + net.fields[f].count) return true;
    return false;
  }

  const T* columns_of(const InputRows<T>& row) {
    const T* next = row.x;
    for (int64_t i = 0; i < net.n_0; i++) x[static_cast<size_t>(i)] = covers(i) ? T(0) : *next++;
    return x.data();
  }

  // Calls f(field, code, factor) for the fields of which a row has a code: z of ramps, else what the column holds.
  template <class F>
  void each_code(const InputRows<T>& row, F f) const {
    int64_t ramps = 0;
    for (int64_t k = 0; k < net.n_fields; k++) {
      const Field& field = net.fields[k];
      const int64_t share = ramps;
      ramps += field.ramps;
      if (row.codes[k] < field.count)
        f(field, row.codes[k], field.ramps ? row.shares[share] : static_cast<T>(value_of(net, row, k)));
    }
  }

  // s_j: bias, then numbers v_i W[i, j] and fields in the order of columns
  T sum(const T* theta, const std::vector<T>& v, const InputRows<T>& row, int64_t j) const {
    const Layer& w = net.layers[0];
    const auto at = [&](int64_t i) { return theta[i * w.n_out + j]; };
    const auto size = [&](int64_t i) { return plan.front_scale ? theta[net.theta_size + i] : T(1); };
    T a = w.rows > w.n_in ? v[static_cast<size_t>(w.n_in)] * at(w.n_in) : T(0);
    int64_t next = 0;
    const auto add_numbers = [&](int64_t end) {
      for (; next < end; next++)
        if (!covers(next)) a = std::fma(v[static_cast<size_t>(next)], at(next), a);
    };
    each_code(row, [&](const Field& field, int64_t code, T factor) {
      const int64_t own = field.first + code;
      add_numbers(field.first);
      T before = 0;
      for (int64_t i = field.first; i < own && field.ramps; i++) before = std::fma(size(i), at(i), before);
      if (field.ramps) a = a + before;
      a = std::fma(factor * size(own), at(own), a);
    });
    add_numbers(w.n_in);
    return a;
  }

  // One sample's part of the gradient; of ramps in two sums for each code.
  void add_gradient(const InputRows<T>& row, const std::vector<T>& delta, std::vector<T>& gradient) {
    each_code(row, [&](const Field& field, int64_t code, T factor) {
      for (size_t j = 0; j < delta.size(); j++) {
        const size_t at = static_cast<size_t>(field.first + code) * delta.size() + j;
        gradient[at] = std::fma(factor, delta[j], gradient[at]);
        if (field.ramps) passed[at] = passed[at] + delta[j];
      }
    });
  }

  // After the last sample: what passes a ramp's column counts for the columns before it.
  void finish(std::vector<T>& gradient) {
    const int64_t n = net.layers[0].n_out;
    for (int64_t k = 0; k < net.n_fields * n; k++) {
      const Field& field = net.fields[k / n];
      T sum = 0;
      for (int64_t i = field.first + field.count - 1; i >= field.first && field.ramps; i--) {
        const auto at = static_cast<size_t>(i * n + k % n);
        gradient[at] = gradient[at] + sum;
        sum = sum + passed[at];
      }
    }
    passed.assign(passed.size(), T(0));
  }
};

}  // namespace
}  // namespace descend
