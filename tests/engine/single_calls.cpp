// predict, predict_one, loss_and_gradient, trace and evaluate, compared with the scalar twin bit by bit.
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "cases.hpp"
#include "kernels/cpu.hpp"
#include "kernels/dispatch.hpp"
#include "tests.hpp"

namespace descend::tests {
namespace {

template <class T>
using Results = std::vector<std::vector<T>>;

template <class T>
std::vector<T> array_of(int64_t size) {
  return std::vector<T>(static_cast<size_t>(size));
}

// Flat sizes of s, v, delta, dL_dv.
std::vector<int64_t> trace_sizes(const Network& net) {
  int64_t sums = 0, values = net.n_d;
  for (int64_t l = 0; l < net.depth; l++) sums += net.layers[l].n_out, values += net.layers[l].rows;
  return {sums, values, sums, sums + net.n_0};
}

template <class T>
Results<T> trace_of(const Case<T>& one) {
  Plan plan = one.plan;
  plan.rows = 1, plan.l2 = 0;
  const Block room(kernels<T>().workspace(plan, 1));
  Results<T> out;
  for (const int64_t size : trace_sizes(plan.network)) out.push_back(array_of<T>(size));
  out.push_back(array_of<T>(plan.network.theta_size));
  const Trace<T> filled{out[0].data(), out[1].data(), out[2].data(), out[3].data(), out[4].data()};
  kernels<T>().trace(plan, one.thetas[0].data(), one.X.data(), one.Y.data(), filled, room.get());
  return out;
}

template <class T>
std::vector<T> gradient_of(const Case<T>& one, int64_t rows) {
  Plan plan = one.plan;
  plan.rows = rows;
  const Block room(kernels<T>().workspace(plan, 1));
  std::vector<T> gradient = array_of<T>(plan.network.theta_size);
  const T* theta = one.thetas[0].data();
  const double loss = kernels<T>().loss_and_gradient(plan, theta, one.data(), gradient.data(), nullptr, room.get());
  gradient.push_back(static_cast<T>(loss));
  return gradient;
}

template <class T>
std::vector<T> one_row_of(const Case<T>& one, int64_t row) {
  const size_t size = one_row_workspace(one.plan.network, sizeof(T));
  const Block room(size);
  std::memset(room.get(), 0, size);
  std::vector<T> output = array_of<T>(one.plan.network.n_d);
  const InputRows<T> x = inputs_from(one.plan.network, training_inputs(one.data()), row);
  kernels<T>().predict_one(one.plan, one.thetas[0].data(), x, output.data(), room.get());
  return output;
}

template <class T>
std::vector<T> predictions_of(const Case<T>& one, int64_t rows, int n_jobs) {
  std::vector<T> output = array_of<T>(rows * one.plan.network.n_d);
  const InputRows<T> X = training_inputs(one.data());
  predict_rows<T>(one.plan, one.thetas[0].data(), X, rows, output.data(), n_jobs, [] { return false; });
  return output;
}

template <class T>
Results<T> results_of(const Case<T>& one) {
  const FlushDenormals flushed;
  Results<T> results;
  if (one.plan.network.n_fields == 0) results = trace_of(one);
  for (const int64_t rows : {1, 31, 37}) results.push_back(gradient_of(one, rows));
  for (const int64_t rows : {1, 33, 37}) results.push_back(predictions_of(one, rows, 1));
  for (const int64_t row : {0, 36}) results.push_back(one_row_of(one, row));
  return results;
}

// Results may be not a number; its sign and payload are nobody's.
template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  for (size_t i = 0; i < a.size(); i++)
    if (std::memcmp(&a[i], &b[i], sizeof(T)) != 0 && !(std::isnan(a[i]) && std::isnan(b[i]))) return false;
  return a.size() == b.size();
}

template <class T>
int64_t compare(const std::string& text, const std::function<Results<T>()>& results) {
  use_isa("scalar");
  const Results<T> expected = results();
  int64_t compared = 0;
  for (const std::string& isa : isa_names()) {
    use_isa(isa);
    const Results<T> got = results();
    for (size_t k = 0; k < got.size() && isa != "baseline"; k++, compared++)
      if (!same(expected[k], got[k])) fail(text + " | " + isa, "result " + std::to_string(k) + " is different");
  }
  return compared;
}

// More rows than one thread takes at once.
template <class T>
int64_t check_many_rows() {
  Options options{{5, 17, 3}, GELU, SOFTMAX, LOG_LOSS};
  options.rows = 9001;
  const Case<T> one(options);
  return compare<T>(one.text, [&] { return Results<T>{predictions_of(one, 9001, 1), predictions_of(one, 9001, 3)}; });
}

template <class T>
int64_t check_functions() {
  using Limits = std::numeric_limits<T>;
  std::vector<T> s{T(0), T(-0.0), Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), Limits::max()};
  s.insert(s.end(), {-Limits::max(), Limits::min(), Limits::denorm_min(), T(1), T(-1)});
  Numbers numbers(1);
  for (int i = 0; i < 3000; i++) {
    const double size = std::exp2(numbers.uniform(sizeof(T) == 4 ? -130 : -1030, sizeof(T) == 4 ? 127 : 1023));
    s.push_back(static_cast<T>(i % 2 ? numbers.uniform(-100, 100) : i % 4 ? size : -size));
  }
  s.shrink_to_fit();
  int64_t compared = 0;
  for (int code = 0; code <= ACTIVATIONS + FUNCTIONS; code++)
    for (const bool derivative : {false, true}) {
      if (code == SOFTMAX || (derivative && code > ACTIVATIONS)) continue;
      compared += compare<T>("function " + std::to_string(code), [&] {
        const FlushDenormals flushed;
        std::vector<T> out = array_of<T>(static_cast<int64_t>(s.size()));
        kernels<T>().evaluate(code, derivative, s.data(), out.data(), static_cast<int64_t>(s.size()));
        return Results<T>{out};
      });
    }
  return compared;
}

template <class T>
int64_t check_all(const Part& part) {
  int64_t compared = part.number == part.of ? check_functions<T>() + check_many_rows<T>() : 0;
  const std::vector<Options> all = grid();
  for (size_t k = 0; k < all.size(); k++) {
    if (!part.has(k) || all[k].front_scale) continue;  // the door refuses them
    const Case<T> one(all[k]);
    compared += compare<T>(one.text, [&] { return results_of(one); });
  }
  return compared;
}

}  // namespace

int64_t check_single_calls(const Part& part) { return check_all<float>(part) + check_all<double>(part); }

}  // namespace descend::tests
