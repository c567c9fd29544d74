// Runs for the tests of the engine without Python: networks of all activations, losses and odd sizes, with data. Every
// array is a block of exactly its size, so that AddressSanitizer sees the first byte that is read or written too far.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "contract/kernels.hpp"
#include "contract/order.hpp"
#include "contract/plan.hpp"
#include "contract/state.hpp"
#include "door/jobs.hpp"
#include "door/threads.hpp"

namespace descend::tests {

// The same numbers on every machine.
class Numbers {
 public:
  explicit Numbers(uint64_t seed) : key_(hash(seed + GOLDEN)) {}
  double uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(hash(key_ + ++drawn_ * GOLDEN) >> 11) * 0x1p-53;
  }

 private:
  uint64_t key_, drawn_ = 0;
};

// What a case is, in the words of the tables.
struct Options {
  std::vector<int64_t> sizes;
  Activation hidden, output;
  Loss loss;
  double bias = 1;
  Optimizer optimizer = SGD;
  Sampling sampling = SHUFFLE;
  int64_t rows = 37, batch_size = 1, epochs = 3, extra_rounds = 0, validation_rows = 0, validate_every = 0,
          patience = 0, block = 0;
  double l2 = 0, learning_rate = 0.01;
  bool epsilon_hat = false, weighted = false, one_rate = false;
  double dropout = 0, bias_rate = 1;  // of hidden layers; factor of the step size of bias rows
  bool front_scale = false;
  std::vector<Field> fields = {};  // columns that come by index; `numbers` is computed
  int restarts = 5;
  double growth = 1;  // the initial weights of every third restart are so many times as big

  std::string text() const;
};

// All networks of the tables, options taking turns.
std::vector<Options> grid();

// Options made into a plan with data.
template <class T>
class Case {
 public:
  explicit Case(const Options& options);
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;

  Plan plan{};
  std::string text;
  std::vector<double> rates;
  std::vector<T> X, Y, weight, X_validation, Y_validation, validation_weight, shares, shares_validation;
  std::vector<uint16_t> codes, codes_validation;
  std::vector<std::vector<T>> thetas;

  Data<T> data() const;
  Task task(int64_t until_epoch, const int* stop) const;

 private:
  std::vector<Layer> layers_;
  std::vector<double> loss_parameter_;
  std::vector<Factors> factors_;
  std::vector<Field> fields_;
  double one_ = 1;

  void set_network(const Options& options);
  void set_options(const Options& options);
  void draw_rows(int64_t rows, bool weighted, std::vector<T>* into, Numbers& numbers);
  void draw_codes(int64_t rows, std::vector<uint16_t>& codes, std::vector<T>& shares, Numbers& numbers);
};

// A state's buffer of exactly its size.
using Buffers = std::vector<std::unique_ptr<Block>>;

// New states of a case, all with one order of samples.
template <class T>
Buffers new_states(const Case<T>& one);

// One way to run the states of a case.
struct How {
  std::string isa;
  bool lanes;
  int n_jobs;
  std::vector<int64_t> stops;  // epochs at which the run is cut
  bool interrupted = false;    // every 50 ms, and resumed

  std::string text() const;
};

// The states of a case after a run.
template <class T>
Buffers states_after(const Case<T>& one, const How& how);

// The first place where two states differ in anything but the time that they took; empty if there is none.
template <class T>
std::string difference(const Plan& plan, const void* expected, const void* got);

// Prints where what was got is not what was expected, and ends the program with 1.
[[noreturn]] void fail(const std::string& where, const std::string& what);

}  // namespace descend::tests
