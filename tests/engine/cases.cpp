// The grid of networks, their data, their runs.
#include "cases.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <type_traits>

namespace descend::tests {
namespace {

std::string joined(const std::vector<int64_t>& numbers) {
  std::string text;
  for (const int64_t one : numbers) text += (text.empty() ? "" : "-") + std::to_string(one);
  return text;
}

// A list whose entries come round and round.
template <class X>
class Turns {
 public:
  Turns(std::initializer_list<X> items) : items_(items) {}
  X next() { return items_[taken_++ % items_.size()]; }

 private:
  std::vector<X> items_;
  size_t taken_ = 0;
};

std::string fields_text(const std::vector<Field>& fields) {
  std::string text;
  for (const Field& one : fields)
    text += std::string(", ") + (one.ramps ? "ramps" : "one-hot") + " " + std::to_string(one.first) + " + " +
            std::to_string(one.count);
  return text;
}

// Fields of n columns in all: first, last, between numbers, side by side, of one column, of all; none for few columns.
std::vector<Field> fields_within(int64_t n, int turn) {
  if (n < 4) return turn % 2 ? std::vector<Field>{{0, n, 0, turn % 4 == 1, 1}} : std::vector<Field>{};
  switch (turn % 4) {
    case 0:
      return {{1, n - 2, 0, true, 1}};
    case 1:
      return {{0, n / 2, 0, true, 1}, {n / 2, n - n / 2, 0, false, -0.5}};
    case 2:
      return {{0, 1, 0, true, 1}, {2, 1, 0, false, 1}, {n - 1, 1, 0, true, 1}};
    default:
      return {{n / 2, n - n / 2, 0, false, 1}};
  }
}

struct Ending {
  Activation output;
  Loss loss;
};

std::vector<Ending> endings() {
  std::vector<Ending> found{{EXP, POISSON}, {SIGMOID, LOG_LOSS}, {SOFTMAX, LOG_LOSS}};
  for (int loss = SQUARED; loss <= QUANTILE; loss++)
    for (int output = IDENTITY; output <= SOFTPLUS; output++)
      found.push_back({static_cast<Activation>(output), static_cast<Loss>(loss)});
  return found;
}

}  // namespace

std::string Options::text() const {
  std::string text = joined(sizes) + " " + ACTIVATION_NAMES[hidden] + " " + ACTIVATION_NAMES[output] + " " +
                     LOSS_NAMES[loss] + " bias " + std::to_string(bias) + ", " + OPTIMIZER_NAMES[optimizer] + ", " +
                     SAMPLING_NAMES[sampling] + ", " + std::to_string(rows) + " rows in batches of " +
                     std::to_string(batch_size) + ", " + std::to_string(validation_rows) + " validation rows every " +
                     std::to_string(validate_every) + ", patience " + std::to_string(patience) + ", l2 " +
                     std::to_string(l2) + ", " + std::to_string(restarts) + " restarts, blocks of " +
                     std::to_string(block) + ", growth " + std::to_string(growth) + ", dropout " +
                     std::to_string(dropout) + ", bias rate " + std::to_string(bias_rate);
  return text + (weighted ? ", weighted" : "") + (epsilon_hat ? ", epsilon_hat" : "") + (one_rate ? ", one rate" : "") +
         (front_scale ? ", front scale" : "") + fields_text(fields);
}

// Sizes, optimisers and batches take turns, of lengths without a common factor; the rest is drawn. Each ending meets a
// third of the hidden activations.
std::vector<Options> grid() {
  Turns<std::vector<int64_t>> sizes{{3, 16, 2},       {1, 1, 1},    {5, 17, 3}, {18, 33, 17}, {3, 4, 5, 16},
                                    {7, 9, 5, 4, 3},  {2, 3, 1, 2}, {4, 1},     {13, 8},      {20, 32, 1},
                                    {70, 130, 65, 4}, {1, 15, 31},  {6, 7}};
  Turns<Optimizer> optimizers{SGD, MOMENTUM, NESTEROV, ADAM, ADAMW};
  Turns<int64_t> batches{1, 7, 32, 37, 1, 64, 3};
  Numbers numbers(1);
  const auto draw = [&](auto... choices) {
    const std::common_type_t<decltype(choices)...> all[] = {choices...};
    return all[static_cast<size_t>(numbers.uniform(0, sizeof...(choices)))];
  };
  std::vector<Options> found;
  int met = 0;
  for (int hidden = STEP; hidden <= SOFTPLUS; hidden++)
    for (const Ending& ending : endings()) {
      if (met++ % 3 != 0) continue;
      Options one{sizes.next(), static_cast<Activation>(hidden), ending.output, ending.loss};
      if (ending.output == SOFTMAX && one.sizes.back() == 1) one.sizes.back() = 5;
      one.optimizer = optimizers.next(), one.batch_size = batches.next();
      one.sampling = draw(SHUFFLE, SHUFFLE, REPLACEMENT, SEQUENTIAL);
      one.validation_rows = draw(0, 9, 33), one.validate_every = draw(0, 0, 5, 11), one.patience = draw(0, 0, 0, 1, 2);
      one.extra_rounds = draw(0, 0, 2), one.block = draw(0, 0, 2, 7, 24), one.bias = draw(1.0, 1.0, 0.5, 0.0),
      one.l2 = draw(0.0, 0.1);
      one.growth = draw(1, 1, 1, 1, 30), one.weighted = draw(false, true), one.epsilon_hat = draw(false, true);
      one.one_rate = draw(false, false, true), one.restarts = draw(1, 3, 5, 9, 16, 18);
      if (one.sizes[0] == 70) one.restarts = 2;
      one.dropout = met % 7 == 0 ? 0.3 : 0.0, one.front_scale = met % 11 == 0,
      one.bias_rate = met % 13 == 0 ? 0.5 : 1.0;
      found.push_back(one);
      if (met % 5 != 0) continue;
      if (met % 4 == 0) one.sizes[0] = 300;  // more codes than a byte
      one.fields = fields_within(one.sizes[0], met / 5), one.restarts = 2;
      if (met % 3 == 0) one.batch_size = 300, one.rows = 600;  // chunks of a batch
      found.push_back(one);
    }
  // One narrow hidden layer of ReLU has kernels of its own; widths end within half a line, and within a line.
  for (const int64_t nodes : {4, 9, 25, 40, 57})
    for (const int64_t batch : {1, 25}) {
      Options one{{nodes % 8 + 1, nodes, 1}, RELU, IDENTITY, SQUARED};
      one.batch_size = batch;
      found.push_back(one);
    }
  return found;
}

// ---------------------------------------------------------------- plan and data

template <class T>
Case<T>::Case(const Options& options) : text(options.text() + (sizeof(T) == 4 ? ", float32" : ", float64")) {
  set_network(options);
  set_options(options);
  Numbers numbers(static_cast<uint64_t>(plan.network.theta_size));
  std::vector<T> training[3], validation[3];
  draw_rows(plan.rows, options.weighted, training, numbers);
  draw_rows(plan.validation_rows, options.weighted, validation, numbers);
  X = training[0], Y = training[1], weight = training[2];
  X_validation = validation[0], Y_validation = validation[1], validation_weight = validation[2];
  draw_codes(plan.rows, codes, shares, numbers);
  draw_codes(plan.validation_rows, codes_validation, shares_validation, numbers);
  for (int k = 0; k < options.restarts; k++) {
    const double scale = k % 3 == 1 ? 0.5 * options.growth : 0.5;
    thetas.emplace_back(static_cast<size_t>(plan.network.theta_size));
    for (T& one : thetas.back()) one = static_cast<T>(numbers.uniform(-scale, scale));
    thetas.back().resize(static_cast<size_t>(plan.parameters), T(1));
    thetas.back().shrink_to_fit();
  }
}

template <class T>
void Case<T>::set_network(const Options& options) {
  int64_t offset = 0;
  for (size_t l = 0; l + 1 < options.sizes.size(); l++) {
    const int64_t n_in = options.sizes[l], n_out = options.sizes[l + 1], rows = n_in + (options.bias != 0);
    const bool last = l + 2 == options.sizes.size();
    const double dropout = last ? 0.0 : options.dropout;
    layers_.push_back({n_in, n_out, options.bias, rows, offset, last ? options.output : options.hidden, dropout});
    offset += rows * n_out;
  }
  loss_parameter_.assign(static_cast<size_t>(options.sizes.back()), options.loss == QUANTILE ? 0.3 : 0.8);
  plan.network = {static_cast<int64_t>(layers_.size()),
                  layers_.data(),
                  options.loss,
                  loss_parameter_.data(),
                  options.hidden == STEP,
                  options.sizes.front(),
                  options.sizes.back(),
                  offset};
  fields_ = options.fields;
  int64_t end = 0, between = 0;
  for (Field& one : fields_) {
    between += one.first - end, end = one.first + one.count, one.numbers = between;
    plan.network.n_ramps += one.ramps, plan.network.coded += one.count;
  }
  plan.network.fields = fields_.data(), plan.network.n_fields = static_cast<int64_t>(fields_.size());
}

template <class T>
void Case<T>::set_options(const Options& options) {
  const auto pieces = [](int64_t all, int64_t size) { return (all + size - 1) / size; };
  plan.is_double = sizeof(T) == 8;
  plan.rows = options.rows, plan.validation_rows = options.validation_rows, plan.batch_size = options.batch_size,
  plan.block = options.block;
  plan.optimizer = options.optimizer, plan.sampling = options.sampling, plan.epsilon_hat = options.epsilon_hat;
  plan.momentum = 0.9, plan.beta_1 = 0.9, plan.beta_2 = 0.999, plan.epsilon = 1e-8, plan.l2 = options.l2;
  factors_.assign(2 * layers_.size() + 1, {1.0, 1.0});
  for (size_t l = 0; l < layers_.size(); l++) factors_[2 * l + 1] = {options.bias_rate, 0.0};
  factors_.back().decay = 0;
  plan.factors = factors_.data(), plan.front_scale = options.front_scale;
  plan.parameters = plan.network.theta_size + (options.front_scale ? plan.network.n_0 : 0);
  plan.plain = options.dropout == 0 && !options.front_scale && options.bias_rate == 1 && fields_.empty();
  plan.validate_every = options.validate_every, plan.patience = options.patience;
  plan.rounds_per_epoch = pieces(plan.rows, plan.batch_size);
  plan.rounds = plan.rounds_per_epoch * options.epochs + options.extra_rounds;
  plan.epochs = pieces(plan.rounds, plan.rounds_per_epoch);
  plan.looks = plan.validate_every > 0 ? pieces(plan.rounds, plan.validate_every) : plan.epochs;
  if (plan.validation_rows == 0) plan.looks = 0;
  rates.assign(options.one_rate ? 1 : static_cast<size_t>(plan.rounds), options.learning_rate);
  for (size_t t = 1; t < rates.size(); t++) rates[t] = options.learning_rate / std::sqrt(1.0 + static_cast<double>(t));
}

// Targets are such that every loss takes them: from 0 to 1, for softmax with the sum 1.
template <class T>
void Case<T>::draw_rows(int64_t rows, bool weighted, std::vector<T>* into, Numbers& numbers) {
  const Network& net = plan.network;
  for (int64_t i = 0; i < rows * numbers_of(net); i++) into[0].push_back(static_cast<T>(numbers.uniform(-2, 2)));
  for (int64_t i = 0; i < rows * net.n_d; i++) into[1].push_back(static_cast<T>(numbers.uniform(0, 1)));
  for (int64_t i = 0; i < rows && weighted; i++) into[2].push_back(static_cast<T>(numbers.uniform(0, 2)));
  for (int k = 0; k < 3; k++) into[k].shrink_to_fit();
  if (layers_.back().sigma != SOFTMAX) return;
  for (int64_t row = 0; row < rows; row++) {
    T* y = into[1].data() + row * net.n_d;
    T sum = 0;
    for (int64_t j = 0; j < net.n_d; j++) sum += y[j];
    for (int64_t j = 0; j < net.n_d; j++) y[j] /= sum;
  }
}

// About one code in six says none.
template <class T>
void Case<T>::draw_codes(int64_t rows, std::vector<uint16_t>& codes, std::vector<T>& shares, Numbers& numbers) {
  for (int64_t row = 0; row < rows; row++)
    for (const Field& one : fields_) {
      const double count = static_cast<double>(one.count), drawn = numbers.uniform(0, 1.2 * count);
      codes.push_back(static_cast<uint16_t>(drawn < count ? drawn : count));
      if (one.ramps) shares.push_back(static_cast<T>(numbers.uniform(0, 1)));
    }
  codes.shrink_to_fit(), shares.shrink_to_fit();
}

template <class T>
Data<T> Case<T>::data() const {
  const auto at = [](const auto& numbers) { return numbers.empty() ? nullptr : numbers.data(); };
  return {at(X),
          at(Y),
          at(weight),
          at(X_validation),
          at(Y_validation),
          at(validation_weight),
          at(codes),
          at(codes_validation),
          at(shares),
          at(shares_validation)};
}

template <class T>
Task Case<T>::task(int64_t until_epoch, const int* stop) const {
  const Schedule always{&one_, 1};
  return {{rates.data(), static_cast<int64_t>(rates.size())}, always, always, 0, until_epoch, stop};
}

// ---------------------------------------------------------------- states and runs

template <class T>
Buffers new_states(const Case<T>& one) {
  Section sections[SECTIONS];
  const size_t size = static_cast<size_t>(lay_out_state(one.plan, sections));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Buffers buffers;
  for (const std::vector<T>& theta : one.thetas) {
    buffers.push_back(std::make_unique<Block>(size));
    std::memset(buffers.back()->get(), 0, size);
    const State<T> state = view_state<T>(one.plan, buffers.back()->get());
    state.counters[C_FORMAT] = 1, state.counters[C_ORDER_SEED] = -7;
    for (const int k : {C_BEST_LOOK, C_BEST_ROUND, C_DIVERGED_ROUND}) state.counters[k] = -1;
    state.scalars[S_BEST_LOSS] = std::numeric_limits<double>::infinity(), state.scalars[S_LEARNING_RATE_FACTOR] = 1;
    state.scalars[S_DIVERGED_LEARNING_RATE] = nan;
    std::fill_n(state.loss_curve, one.plan.epochs, nan);
    std::fill_n(state.validation_curve, one.plan.looks, nan);
    std::copy(theta.begin(), theta.end(), state.theta);
  }
  return buffers;
}

std::string How::text() const {
  std::string text = isa + (lanes ? ", in lanes, " : ", alone, ") + std::to_string(n_jobs) + " jobs, cut at";
  for (const int64_t stop : stops) text += " " + std::to_string(stop);
  return text + (interrupted ? ", interrupted" : "");
}

template <class T>
Buffers states_after(const Case<T>& one, const How& how) {
  const Plan& plan = one.plan;
  Buffers buffers = new_states(one);
  if (!use_isa(how.isa)) fail(how.isa, "this machine has no such instruction set");
  use_lanes(how.lanes ? ALWAYS : NEVER);
  for (const int64_t stop : how.stops)
    for (bool again = true; again;) {
      const Task task = one.task(std::min(stop, plan.epochs), nullptr);
      std::vector<void*> running;
      for (const auto& buffer : buffers) {
        const int64_t* c = static_cast<const int64_t*>(buffer->get());
        if (c[C_STATUS] == RUNNING && c[C_EPOCH] < task.until_epoch) running.push_back(buffer->get());
      }
      advance_states<T>(plan, one.data(), running, task, how.n_jobs, [&] { return how.interrupted; });
      again = how.interrupted && !running.empty();
    }
  return buffers;
}

template <class T>
std::string difference(const Plan& plan, const void* expected, const void* got) {
  Section sections[SECTIONS];
  lay_out_state(plan, sections);
  for (int k = 0; k < SECTIONS; k++) {
    const int64_t size = k < THETA_AT ? 8 : static_cast<int64_t>(sizeof(T));
    for (int64_t i = 0; i < sections[k].count; i++) {
      if (k == SCALARS_AT && i == S_SECONDS) continue;
      const char* a = static_cast<const char*>(expected) + sections[k].offset + i * size;
      const char* b = static_cast<const char*>(got) + sections[k].offset + i * size;
      if (std::memcmp(a, b, static_cast<size_t>(size)) == 0) continue;
      const auto text = [&](const char* at) {
        if (k == COUNTERS_AT) return std::to_string(*reinterpret_cast<const int64_t*>(at));
        char number[40];
        const double value =
            size == 4 ? static_cast<double>(*reinterpret_cast<const float*>(at)) : *reinterpret_cast<const double*>(at);
        std::snprintf(number, sizeof number, "%.17g", value);
        return std::string(number);
      };
      return std::string(SECTION_NAMES[k]) + "[" + std::to_string(i) + "] is " + text(b) + ", not " + text(a);
    }
  }
  return "";
}

void fail(const std::string& where, const std::string& what) {
  std::fprintf(stderr, "engine_tests: %s: %s\n", where.c_str(), what.c_str());
  std::fflush(stderr);
  std::_Exit(1);
}

template class Case<float>;
template class Case<double>;
template Buffers new_states(const Case<float>&);
template Buffers new_states(const Case<double>&);
template Buffers states_after(const Case<float>&, const How&);
template Buffers states_after(const Case<double>&, const How&);
template std::string difference<float>(const Plan&, const void*, const void*);
template std::string difference<double>(const Plan&, const void*, const void*);

}  // namespace descend::tests
