// Checks, copies, the GIL.
#include "door/ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "door/steps.hpp"

namespace descend {
namespace {

constexpr int64_t MOST_COLUMNS = int64_t{1} << 30, LANES = 16;

nb::tuple checked_tuple(nb::handle given, const char* name, size_t size) {
  if (!PyTuple_Check(given.ptr()) || nb::len(given) != size)
    type_error("`" + std::string(name) + "` must be a tuple of " + std::to_string(size) + ".");
  return nb::borrow<nb::tuple>(given);
}

std::vector<size_t> numbers_below(nb::handle given, const char* name, size_t end) {
  if (!PyTuple_Check(given.ptr())) type_error("`" + std::string(name) + "` must be a tuple.");
  std::vector<size_t> found;
  for (nb::handle one : nb::borrow<nb::tuple>(given))
    found.push_back(static_cast<size_t>(whole(one, name, 0, static_cast<int64_t>(end) - 1)));
  return found;
}

Columns columns_of(const nb::tuple& given) {
  const nb::tuple fields = checked_tuple(given, "columns", 3);
  Columns columns{whole(fields[0], "numbers", 0, MOST_COLUMNS), whole(fields[1], "given", 0, MOST_COLUMNS), {}};
  for (const size_t one : numbers_below(fields[2], "codes", MOST_COLUMNS))
    columns.codes.push_back(static_cast<int64_t>(one));
  return columns;
}

// Layer 0, copied into lines of 64 bytes, zeros behind each row.
void copy_layer(IndexedNet& net, nb::handle W, nb::handle bias, int64_t n_rows) {
  IndexedLayer<float>& layer = net.layer;
  const Array weights(W, {"W", "float32", {n_rows, layer.n_out}}), constant(bias, {"bias", "float32", {layer.n_out}});
  layer.n_rows = n_rows, layer.stride = (layer.n_out + LANES - 1) / LANES * LANES;
  const auto bytes = static_cast<size_t>((n_rows + 1) * layer.stride) * sizeof(float);
  net.weights = std::make_unique<Block>(bytes);
  std::memset(net.weights->get(), 0, bytes);
  auto* to = static_cast<float*>(net.weights->get());
  layer.W = to, layer.bias = to + n_rows * layer.stride;
  for (int64_t i = 0; i <= n_rows; i++) {
    const float* from = i < n_rows ? weights.as<float>() + i * layer.n_out : constant.as<float>();
    std::copy(from, from + layer.n_out, to + i * layer.stride);
  }
}

}  // namespace

OwnedEnsemble::OwnedEnsemble(nb::tuple columns, nb::list steps, nb::list nets, nb::list shares) {
  ensemble_.columns = columns_of(columns);
  for (nb::handle one : steps) {
    if (!PyTuple_Check(one.ptr())) type_error("`steps` must hold tuples.");
    ensemble_.add(step_of(nb::borrow<nb::tuple>(one), ensemble_.columns));
    if (ensemble_.n_rows > MOST_COLUMNS || ensemble_.n_x > MOST_COLUMNS) value_error("`steps` make too many inputs.");
  }
  for (nb::handle one : nets) add_net(checked_tuple(one, "nets", 6));
  for (nb::handle one : shares) {
    const nb::tuple fields = checked_tuple(one, "shares", 2);
    const std::vector<size_t> own = numbers_below(fields[1], "nets", ensemble_.nets.size());
    if (own.empty()) value_error("`shares` must each have a network.");
    ensemble_.shares.push_back({number(fields[0], "weight"), own});
  }
  if (ensemble_.shares.empty()) value_error("`shares` must not be empty.");
}

// (steps, W, bias, sigma, plan of the rest, its weights)
void OwnedEnsemble::add_net(const nb::tuple& fields) {
  IndexedNet net{};
  const std::vector<size_t> steps = numbers_below(fields[0], "steps", ensemble_.steps.size());
  OwnedPlan* given = nullptr;
  if (!nb::try_cast(fields[4], given) || !given) type_error("`nets` must each have a plan.");
  const OwnedPlan& plan = *given;
  const Network& rest = plan.get().network;
  if (plan.get().is_double || plan.get().front_scale) value_error("`plan` must be of float32 weights alone.");
  if (!ensemble_.nets.empty() && rest.n_d != ensemble_.n_d) value_error("`nets` must have equally many outputs.");
  ensemble_.n_d = rest.n_d;
  net.rest = &plan.get();
  net.layer.n_out = rest.n_0;
  net.layer.sigma = static_cast<Activation>(whole(fields[3], "sigma", 0, ACTIVATIONS - 1));
  if (net.layer.sigma == SOFTMAX) value_error("`sigma` must not be softmax.");
  int64_t rows = 0;
  for (const size_t k : steps) {
    const Step& step = *ensemble_.steps[k];
    net.layer.n_x += step.n_x, net.n_entries += step.n_entries, rows += step.n_rows;
    if (rows > MOST_COLUMNS || net.layer.n_x > MOST_COLUMNS) value_error("`steps` of a network make too many inputs.");
  }
  net.runs = ensemble_.runs_of(steps);
  copy_layer(net, fields[1], fields[2], net.layer.n_x + rows);
  const Array theta(fields[5], {"theta", "float32", {rest.theta_size}});
  net.theta.assign(theta.as<float>(), theta.as<float>() + theta.size());
  plans_.push_back(nb::borrow(fields[4]));
  ensemble_.nets.push_back(std::move(net));
}

void OwnedEnsemble::answer(nb::object numbers, nb::object codes, nb::object given, nb::object output) const {
  const Columns& columns = ensemble_.columns;
  const int64_t rows = shape_of(output, "output", 2)[0], code_columns = static_cast<int64_t>(columns.codes.size());
  const Array doubles(numbers, {"numbers", "float64", {columns.numbers, rows}});
  const Array wholes(codes, {"codes", "int64", {code_columns, rows}});
  const Array floats(given, {"given", "float32", {rows, columns.given}});
  const Array answers(output, {"output", "float64", {rows, ensemble_.n_d}, true});
  const auto* code = wholes.as<int64_t>();
  for (int64_t k = 0; k < code_columns; k++)
    for (int64_t t = 0; t < rows; t++)
      if (code[k * rows + t] < 0 || code[k * rows + t] >= columns.codes[static_cast<size_t>(k)])
        value_error("`codes` must lie below the number of codes of their column.");
  const nb::gil_scoped_release released;
  descend::answer(ensemble_, {rows, doubles.as<double>(), code, floats.as<float>(), columns.given},
                  answers.as<double>());
}

}  // namespace descend
