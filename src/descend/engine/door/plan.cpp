// Reading and checking a plan's fields.
#include "door/plan.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "door/arrays.hpp"

namespace descend {
namespace {

constexpr int64_t MOST_NODES = int64_t{1} << 31, MOST_WEIGHTS = int64_t{1} << 40;
constexpr int64_t MOST_CODES = 65535;  // and one more that says none
constexpr int64_t MOST_ROUNDS = int64_t{1} << 53, MOST_BLOCK = 1024;

nb::object field(const nb::dict& fields, const char* name) {
  if (!fields.contains(name)) type_error("plan: field `" + std::string(name) + "` is missing.");
  return fields[name];
}

int64_t whole_field(const nb::dict& fields, const char* name, int64_t least, int64_t most) {
  return whole(field(fields, name), name, least, most);
}

double finite(nb::handle given, const char* name) {
  if (!PyFloat_Check(given.ptr()) && !PyLong_Check(given.ptr()))
    type_error("`" + std::string(name) + "` must be a float.");
  const double value = PyFloat_AsDouble(given.ptr());
  const bool too_large = PyErr_Occurred() != nullptr;  // an int beyond every float
  PyErr_Clear();
  if (too_large || !std::isfinite(value))
    value_error("`" + std::string(name) + "` must be finite; got " + nb::str(given).c_str() + ".");
  return value;
}

double finite_field(const nb::dict& fields, const char* name) { return finite(field(fields, name), name); }

std::vector<nb::object> items(const nb::dict& fields, const char* name, size_t count) {
  std::vector<nb::object> found;
  const nb::object given = field(fields, name);
  if (!PyList_Check(given.ptr()) && !PyTuple_Check(given.ptr()))
    type_error("`" + std::string(name) + "` must be a list or tuple; got " + nb::type_name(given.type()).c_str() + ".");
  for (nb::handle one : nb::tuple(given)) found.push_back(nb::borrow(one));
  if (count > 0 && found.size() != count)
    value_error("`" + std::string(name) + "` must have " + std::to_string(count) + " entries; got " +
                std::to_string(found.size()) + ".");
  return found;
}

std::vector<int64_t> sizes_of(const nb::dict& fields) {
  std::vector<int64_t> sizes;
  for (const nb::object& one : items(fields, "sizes", 0)) sizes.push_back(whole(one, "sizes", 1, MOST_NODES));
  if (sizes.size() < 2) value_error("`sizes` must have at least 2 entries.");
  return sizes;
}

// As many numbers >= 0 as `otherwise` has; `otherwise` itself if there are none.
std::vector<double> numbers_of(const nb::dict& fields, const char* name, std::vector<double> otherwise) {
  const std::vector<nb::object> given = items(fields, name, 0);
  if (given.empty()) return otherwise;
  if (given.size() != otherwise.size())
    value_error("`" + std::string(name) + "` must have " + std::to_string(otherwise.size()) +
                " entries, or none; got " + std::to_string(given.size()) + ".");
  for (size_t k = 0; k < given.size(); k++) {
    otherwise[k] = finite(given[k], name);
    if (otherwise[k] < 0) value_error("`" + std::string(name) + "` must be at least 0.");
  }
  return otherwise;
}

// Of layers 1 ... d, the output layer's 0 included.
std::vector<double> dropout_of(const nb::dict& fields, size_t depth) {
  std::vector<double> shares = numbers_of(fields, "dropout", std::vector<double>(depth - 1));
  for (const double share : shares)
    if (share >= 1) value_error("`dropout` must be below 1.");
  shares.push_back(0);
  return shares;
}

std::vector<Factors> factors_of(const nb::dict& fields, size_t depth) {
  std::vector<double> decay(2 * depth + 1);
  for (size_t l = 0; l < depth; l++) decay[2 * l] = 1;
  decay = numbers_of(fields, "decay_factors", decay);
  const auto rates = numbers_of(fields, "learning_rate_factors", std::vector<double>(2 * depth + 1, 1.0));
  std::vector<Factors> factors;
  for (size_t k = 0; k < rates.size(); k++) factors.push_back({rates[k], decay[k]});
  return factors;
}

// Ascending and apart, within n_0 columns.
std::vector<Field> fields_of(const nb::dict& fields, int64_t n_0) {
  std::vector<Field> found;
  int64_t end = 0, numbers = 0;
  for (const nb::object& one : items(fields, "fields", 0)) {
    if (!PyTuple_Check(one.ptr()) || PyTuple_GET_SIZE(one.ptr()) != 4)
      type_error("`fields` must be tuples (is ramps, first, count, value).");
    const nb::tuple given = nb::borrow<nb::tuple>(one);
    const bool ramps = whole(given[0], "fields", 0, 1) == 1;
    const int64_t first = whole(given[1], "first column of `fields`", end, n_0 - 1);
    const int64_t count = whole(given[2], "count of `fields`", 1, std::min(MOST_CODES, n_0 - first));
    const double value = finite(given[3], "value of `fields`");
    if (ramps && value != 1) value_error("value of `fields` must be 1 for ramps.");
    numbers += first - end, end = first + count;
    found.push_back({first, count, numbers, ramps, value});
  }
  return found;
}

bool is_plain(const Plan& plan) {
  bool plain = !plan.front_scale && !plan.decay_varies && plan.network.n_fields == 0;
  for (int64_t l = 0; l < plan.network.depth; l++) {
    const Factors weights = plan.factors[2 * l], bias = plan.factors[2 * l + 1];
    plain &= plan.network.layers[l].dropout == 0;
    plain &= weights.learning_rate == 1 && weights.decay == 1 && bias.learning_rate == 1 && bias.decay == 0;
  }
  return plain;
}

std::vector<Layer> layers_of(const nb::dict& fields) {
  const std::vector<int64_t> n = sizes_of(fields);
  const size_t depth = n.size() - 1;
  const auto activations = items(fields, "activations", depth), bias = items(fields, "bias", depth);
  const std::vector<double> dropout = dropout_of(fields, depth);
  std::vector<Layer> layers;
  int64_t offset = 0;
  for (size_t l = 0; l < depth; l++) {
    const double c = finite(bias[l], "bias");
    const int64_t rows = n[l] + (c != 0), sigma = whole(activations[l], "activations", 0, ACTIVATIONS - 1);
    if (sigma == SOFTMAX && l + 1 < depth) value_error("`activations`: softmax may stand in the output layer only.");
    layers.push_back({n[l], n[l + 1], c, rows, offset, static_cast<Activation>(sigma), dropout[l]});
    offset += rows * n[l + 1];
    if (offset > MOST_WEIGHTS) value_error("`sizes` make more than " + std::to_string(MOST_WEIGHTS) + " weights.");
  }
  return layers;
}

// Losses whose delta is v - y belong to one output each.
void check_output(Loss loss, Activation output) {
  const bool fits = loss == POISSON    ? output == EXP
                    : loss == LOG_LOSS ? output == SIGMOID || output == SOFTMAX
                                       : output != SOFTMAX;
  if (!fits)
    value_error("`loss` " + std::string(LOSS_NAMES[loss]) + " does not fit the output " + ACTIVATION_NAMES[output] +
                ".");
}

int64_t pieces(int64_t all, int64_t size) { return all == 0 ? 0 : 1 + (all - 1) / size; }

void read_options(const nb::dict& fields, Plan& plan) {
  plan.is_double = whole_field(fields, "is_double", 0, 1) == 1;
  plan.rows = whole_field(fields, "rows", 1, MOST_ROWS);
  plan.validation_rows = whole_field(fields, "validation_rows", 0, MOST_ROWS);
  plan.rounds = whole_field(fields, "rounds", 0, MOST_ROUNDS);
  plan.batch_size = whole_field(fields, "batch_size", 1, MOST_ROUNDS);
  plan.block = whole_field(fields, "block", 0, MOST_BLOCK);
  plan.optimizer = static_cast<Optimizer>(whole_field(fields, "optimizer", 0, OPTIMIZERS - 1));
  plan.momentum = finite_field(fields, "momentum");
  plan.beta_1 = finite_field(fields, "beta_1");
  plan.beta_2 = finite_field(fields, "beta_2");
  plan.epsilon = finite_field(fields, "epsilon");
  plan.l2 = finite_field(fields, "l2");
  plan.epsilon_hat = whole_field(fields, "epsilon_hat", 0, 1) == 1;
  plan.sampling = static_cast<Sampling>(whole_field(fields, "sampling", 0, SAMPLINGS - 1));
  plan.validate_every = whole_field(fields, "validate_every", 0, MOST_ROUNDS);
  plan.patience = whole_field(fields, "patience", 0, MOST_ROUNDS);
  plan.rounds_per_epoch = pieces(plan.rows, plan.batch_size);
  plan.epochs = pieces(plan.rounds, plan.rounds_per_epoch);
  plan.looks = plan.validate_every > 0 ? pieces(plan.rounds, plan.validate_every) : plan.epochs;
  if (plan.validation_rows == 0) plan.looks = 0;
}

}  // namespace

OwnedPlan::OwnedPlan(nb::dict fields) : layers_(layers_of(fields)) {
  const Layer& last = layers_.back();
  for (const nb::object& one : items(fields, "loss_parameter", static_cast<size_t>(last.n_out)))
    loss_parameter_.push_back(finite(one, "loss_parameter"));
  Network& net = plan_.network;
  net.depth = static_cast<int64_t>(layers_.size());
  net.layers = layers_.data();
  net.loss = static_cast<Loss>(whole_field(fields, "loss", 0, LOSSES - 1));
  net.loss_parameter = loss_parameter_.data();
  net.straight_through = whole_field(fields, "straight_through", 0, 1) == 1;
  net.n_0 = layers_.front().n_in;
  net.n_d = last.n_out;
  net.theta_size = last.offset + last.rows * last.n_out;
  fields_ = fields_of(fields, net.n_0);
  net.fields = fields_.data();
  net.n_fields = static_cast<int64_t>(fields_.size());
  for (const Field& one : fields_) net.n_ramps += one.ramps, net.coded += one.count;
  check_output(net.loss, last.sigma);
  read_options(fields, plan_);
  factors_ = factors_of(fields, layers_.size());
  plan_.factors = factors_.data();
  plan_.front_scale = whole_field(fields, "front_scale", 0, 1) == 1;
  plan_.decay_varies = whole_field(fields, "decay_varies", 0, 1) == 1;
  plan_.parameters = net.theta_size + (plan_.front_scale ? net.n_0 : 0);
  plan_.plain = is_plain(plan_);
}

Plan OwnedPlan::batch(int64_t rows, double l2) const {
  Plan plan = plan_;
  plan.rows = plan.batch_size = rows > 0 ? rows : 1;
  plan.l2 = l2;
  return plan;
}

}  // namespace descend
