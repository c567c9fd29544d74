// Training, compared with the scalar twin bit by bit; the set without fused multiply-add within a tolerance.
#include <cmath>

#include "cases.hpp"
#include "kernels/dispatch.hpp"
#include "tests.hpp"

namespace descend::tests {
namespace {

constexpr int64_t TO_THE_END = int64_t{1} << 40;

template <class T>
void must_be_equal(const Case<T>& one, const How& how, const Buffers& expected, const Buffers& got) {
  for (size_t k = 0; k < expected.size(); k++) {
    const std::string where = difference<T>(one.plan, expected[k]->get(), got[k]->get());
    if (!where.empty()) fail(one.text + " | " + how.text(), "restart " + std::to_string(k) + ": " + where);
  }
}

// Largest distance of two states' weights, in units of the largest weight; of those that did not diverge.
template <class T>
double distance(const Plan& plan, const void* expected, const void* got) {
  const State<T> a = view_state<T>(plan, const_cast<void*>(expected)), b = view_state<T>(plan, const_cast<void*>(got));
  double most = 0, size = 1;
  if (a.counters[C_STATUS] == DIVERGED || b.counters[C_STATUS] == DIVERGED) return 0;
  for (int64_t i = 0; i < plan.network.theta_size; i++) {
    most = std::fmax(most, std::fabs(static_cast<double>(a.theta[i]) - static_cast<double>(b.theta[i])));
    size = std::fmax(size, std::fabs(static_cast<double>(a.theta[i])));
  }
  return most / size;
}

// Where a rounding cannot turn a decision round: no kinks, and steps that are continuous in the gradient.
bool is_smooth(const Plan& plan) {
  if (plan.optimizer == ADAM || plan.optimizer == ADAMW || plan.network.loss == ABSOLUTE) return false;
  if (plan.network.loss == QUANTILE) return false;
  for (int64_t l = 0; l < plan.network.depth; l++) {
    const Activation sigma = plan.network.layers[l].sigma;
    if (sigma == STEP || sigma == RELU || sigma == LEAKY_RELU) return false;
  }
  return true;
}

// The set without fused multiply-add, after one epoch.
template <class T>
void must_be_near(const Case<T>& one, const How& how) {
  const Buffers expected = states_after(one, {"scalar", false, 1, {1}}), got = states_after(one, how);
  for (size_t k = 0; k < got.size(); k++) {
    const double far = distance<T>(one.plan, expected[k]->get(), got[k]->get());
    if (far > (sizeof(T) == 4 ? 1e-2 : 1e-9))
      fail(one.text + " | " + how.text(), "restart " + std::to_string(k) + " is off by " + std::to_string(far));
  }
}

template <class T>
int64_t check_case(const Case<T>& one) {
  const Buffers truth = states_after(one, {"scalar", false, 1, {TO_THE_END}});
  int64_t compared = 0;
  for (const std::string& isa : isa_names()) {
    if (isa == "scalar") continue;
    const How alone{isa, false, 1, {TO_THE_END}};
    const Buffers first = states_after(one, alone);
    if (isa != "baseline")
      must_be_equal(one, alone, truth, first);
    else if (is_smooth(one.plan))
      must_be_near(one, {isa, false, 1, {1}});
    for (const How& how : {How{isa, true, 1, {TO_THE_END}}, How{isa, false, 3, {1, 2, TO_THE_END}},
                           How{isa, true, 3, {0, 1, 1, TO_THE_END}}})
      must_be_equal(one, how, first, states_after(one, how)), compared++;
    compared++;
  }
  return compared;
}

// Stopped every 50 ms in the middle of an epoch, and resumed.
template <class T>
int64_t check_interrupted() {
  int64_t compared = 0;
  for (const bool single : {true, false}) {
    Options options{{8, 32, 3}, TANH, IDENTITY, SQUARED};
    options.rows = 4000, options.epochs = 2, options.validation_rows = 40, options.validate_every = 700;
    options.batch_size = single ? 1 : 7, options.optimizer = single ? SGD : ADAM;
    const Case<T> one(options);
    for (const std::string& isa : isa_names()) {
      const Buffers truth = states_after(one, {isa, false, 1, {TO_THE_END}});
      for (const bool lanes : {false, true}) {
        const How how{isa, lanes, 2, {TO_THE_END}, true};
        must_be_equal(one, how, truth, states_after(one, how)), compared++;
      }
    }
  }
  return compared;
}

}  // namespace

int64_t check_training(const Part& part) {
  int64_t compared = part.number == 1 ? check_interrupted<float>() : 0;
  if (part.number == part.of) compared += check_interrupted<double>();
  const std::vector<Options> all = grid();
  for (size_t k = 0; k < all.size(); k++)
    if (part.has(k)) compared += check_case(Case<float>(all[k])) + check_case(Case<double>(all[k]));
  return compared;
}

}  // namespace descend::tests
