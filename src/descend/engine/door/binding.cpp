// The compiled module: checks what Python hands over, releases the GIL, calls the engine.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "contract/order.hpp"
#include "door/arrays.hpp"
#include "door/ensemble.hpp"
#include "door/inputs.hpp"
#include "door/jobs.hpp"
#include "door/plan.hpp"
#include "door/predictor.hpp"
#include "door/states.hpp"

namespace descend {
namespace {

// Calls f with a null pointer of the plan's type.
template <class F>
auto with_type(const Plan& plan, F f) {
  return plan.is_double ? f(static_cast<double*>(nullptr)) : f(static_cast<float*>(nullptr));
}

std::optional<Array> optional_array(nb::handle object, const Wanted& wanted) {
  if (object.is_none()) return std::nullopt;
  return Array(object, wanted);
}

// A tuple's entries are read without a check of its size.
void check_size(const nb::tuple& given, const char* name, size_t size) {
  if (given.size() != size)
    value_error("`" + std::string(name) + "` must hold " + std::to_string(size) + " entries; got " +
                std::to_string(given.size()) + ".");
}

template <class T>
const T* pointer(const std::optional<Array>& array) {
  return array ? array->as<T>() : nullptr;
}

constexpr int64_t MOST_JOBS = 1024, MOST = (int64_t{1} << 62) - 1;

int checked_jobs(nb::handle n_jobs) { return static_cast<int>(std::min(whole(n_jobs, "n_jobs", 1, MOST), MOST_JOBS)); }

// Asked every 50 ms by the thread that called: a signal's handler may raise, `poll` may raise or say true.
Interrupted interrupted_by(nb::handle poll) {
  return [poll]() {
    const nb::gil_scoped_acquire held;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    return !poll.is_none() && nb::cast<bool>(nb::bool_(poll()));
  };
}

// ---------------------------------------------------------------- training

// The arrays of a run, borrowed for the call.
struct BorrowedData {
  const BorrowedInputs X;
  const Array Y;
  const std::optional<Array> weight;
  std::optional<BorrowedInputs> X_validation;
  const std::optional<Array> Y_validation, validation_weight;

  BorrowedData(const OwnedPlan& owned, const nb::tuple& arrays)
      : X(owned, arrays[0], "X", owned.get().rows),
        Y(arrays[1], {"Y", owned.dtype(), {owned.get().rows, owned.get().network.n_d}}),
        weight(optional_array(arrays[2], {"sample_weight", owned.dtype(), {owned.get().rows}})),
        Y_validation(for_looks(owned, arrays[4], "Y_validation", {owned.get().network.n_d})),
        validation_weight(arrays[5].is_none() ? std::nullopt : for_looks(owned, arrays[5], "validation_weight", {})) {
    const int64_t looked_at = owned.get().validation_rows;
    if (looked_at > 0) X_validation.emplace(owned, arrays[3], "X_validation", looked_at);
  }

  // An array over the validation rows, (validation_rows, *rest); nothing if there are none.
  static std::optional<Array> for_looks(const OwnedPlan& owned, nb::handle object, const char* name,
                                        std::vector<int64_t> rest) {
    const int64_t rows = owned.get().validation_rows;
    if (rows == 0) return std::nullopt;
    rest.insert(rest.begin(), rows);
    return Array(object, {name, owned.dtype(), rest});
  }

  template <class T>
  Data<T> view() const {
    const InputRows<T> x = X.view<T>(), looked_at = X_validation ? X_validation->view<T>() : InputRows<T>{nullptr};
    return {x.x,
            Y.as<T>(),
            pointer<T>(weight),
            looked_at.x,
            pointer<T>(Y_validation),
            pointer<T>(validation_weight),
            x.codes,
            looked_at.codes,
            x.shares,
            looked_at.shares,
            x.values,
            looked_at.values};
  }
};

Schedule schedule(const Array& array) { return {array.as<double>(), array.size()}; }

Array schedule_array(nb::handle given, const char* name) {
  return {given, {name, "float64", shape_of(given, name, 1)}};
}

double real(nb::handle given, const char* name) {
  const double value = number(given, name);
  if (std::isnan(value)) value_error("`" + std::string(name) + "` must not be nan.");
  return value;
}

// (tol, epochs, best, since), for one state alone.
std::optional<LossPatience> loss_patience(nb::handle given, size_t states) {
  if (given.is_none()) return std::nullopt;
  if (!PyTuple_Check(given.ptr())) type_error("`loss_patience` must be a tuple or None.");
  const nb::tuple numbers = nb::borrow<nb::tuple>(given);
  check_size(numbers, "loss_patience", 4);
  if (states != 1) value_error("`loss_patience` is for one state alone; got " + std::to_string(states) + ".");
  return LossPatience{real(numbers[0], "tol"), real(numbers[2], "best"), whole(numbers[1], "epochs", 0, MOST),
                      whole(numbers[3], "since", 0, MOST)};
}

void advance(const OwnedPlan& owned, nb::tuple data, nb::list buffers, nb::tuple schedules, nb::tuple span,
             nb::object n_jobs, nb::object poll, nb::object patience) {
  const Plan& plan = owned.get();
  check_size(data, "data", 6);
  check_size(schedules, "schedules", 3);
  check_size(span, "span", 2);
  const BorrowedData borrowed(owned, data);
  const BorrowedStates states(plan, nb::tuple(buffers));
  const int64_t first_round = whole(span[0], "first_round", 0, MOST);
  const int64_t until_epoch = std::min(whole(span[1], "until_epoch", 0, MOST), plan.epochs);
  const Array rates = schedule_array(schedules[0], "learning_rates"), decay = schedule_array(schedules[1], "decay"),
              dropout = schedule_array(schedules[2], "dropout");
  if (!plan.decay_varies && (decay.size() != 1 || *decay.as<double>() != 1))
    value_error("`decay` must be the one number 1 in a plan without `decay_varies`.");
  std::optional<LossPatience> watch = loss_patience(patience, buffers.size());
  Task task{schedule(rates), schedule(decay), schedule(dropout), first_round, until_epoch, nullptr};
  if (watch) task.loss_patience = &*watch;
  const std::vector<void*> running = states.running(plan, task);
  const int jobs = checked_jobs(n_jobs);
  if (!poll.is_none() && !PyCallable_Check(poll.ptr())) type_error("`poll` must be callable or None.");
  const Interrupted interrupted = interrupted_by(poll);
  const nb::gil_scoped_release released;
  with_type(plan, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    advance_states<T>(plan, borrowed.view<T>(), running, task, jobs, interrupted);
  });
}

Use use_of(const std::string& name) {
  for (int use = 0; use < USES; use++)
    if (name == USE_NAMES[use]) return static_cast<Use>(use);
  value_error("lanes and teams are used never, where worth, or always; got " + name + ".");
}

// ---------------------------------------------------------------- prediction, gradient, trace

// The scales that stand behind the weights are a training's; these functions know weights alone.
void check_weights_only(const Plan& plan) {
  if (plan.front_scale) value_error("`plan` must be without `front_scale` but for training.");
}

// What gives one number for each input takes the inputs as they are.
void check_whole_inputs(const Plan& plan) {
  check_weights_only(plan);
  if (plan.network.n_fields > 0) value_error("`plan` must be without `fields`: the inputs come as they are.");
}

void predict(const OwnedPlan& owned, nb::object theta, nb::object X, nb::object output, nb::object n_jobs) {
  check_weights_only(owned.get());
  const Network& net = owned.get().network;
  const int64_t rows = rows_of(owned, X, "X");
  const Plan plan = owned.batch(rows, 0.0);
  const Array weights(theta, {"theta", owned.dtype(), {net.theta_size}});
  const BorrowedInputs inputs(owned, X, "X", rows);
  const Array outputs(output, {"output", owned.dtype(), {rows, net.n_d}, true});
  const int jobs = checked_jobs(n_jobs);
  const Interrupted interrupted = interrupted_by(nb::none());
  const nb::gil_scoped_release released;
  with_type(plan, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    predict_rows<T>(plan, weights.as<T>(), inputs.view<T>(), rows, outputs.as<T>(), jobs, interrupted);
  });
}

void input_gradient(const OwnedPlan& owned, nb::object theta, nb::object X, nb::object dL_dv, nb::object gradient,
                    nb::object n_jobs) {
  check_whole_inputs(owned.get());
  const Network& net = owned.get().network;
  const int64_t rows = shape_of(X, "X", 2)[0];
  const Plan plan = owned.batch(rows, 0.0);
  const Array weights(theta, {"theta", owned.dtype(), {net.theta_size}});
  const Array inputs(X, {"X", owned.dtype(), {rows, net.n_0}});
  const Array given(dL_dv, {"dL_dv", owned.dtype(), {rows, net.n_d}});
  const Array result(gradient, {"gradient", owned.dtype(), {rows, net.n_0}, true});
  const int jobs = checked_jobs(n_jobs);
  const Interrupted interrupted = interrupted_by(nb::none());
  const nb::gil_scoped_release released;
  with_type(plan, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    input_gradient_rows<T>(plan, weights.as<T>(), inputs.as<T>(), given.as<T>(), rows, result.as<T>(), jobs,
                           interrupted);
  });
}

double loss_and_gradient(const OwnedPlan& owned, nb::object theta, nb::tuple data, double l2, nb::object gradient,
                         nb::object n_jobs) {
  check_weights_only(owned.get());
  check_size(data, "data", 3);
  const Network& net = owned.get().network;
  const int64_t rows = whole(nb::int_(rows_of(owned, data[0], "X")), "rows of X", 1, MOST_ROWS);
  const Plan plan = owned.batch(rows, l2);
  const Array weights(theta, {"theta", owned.dtype(), {net.theta_size}});
  const BorrowedInputs X(owned, data[0], "X", rows);
  const Array Y(data[1], {"Y", owned.dtype(), {rows, net.n_d}});
  const std::optional<Array> w = optional_array(data[2], {"sample_weight", owned.dtype(), {rows}});
  const Array result(gradient, {"gradient", owned.dtype(), {net.theta_size}, true});
  const int jobs = checked_jobs(n_jobs);
  const Interrupted interrupted = interrupted_by(nb::none());
  const nb::gil_scoped_release released;
  return with_type(plan, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    const InputRows<T> x = X.view<T>();
    const Data<T> batch{x.x,     Y.as<T>(), pointer<T>(w), nullptr, nullptr, nullptr,
                        x.codes, nullptr,   x.shares,      nullptr, x.values};
    return loss_and_gradient_of<T>(plan, weights.as<T>(), batch, result.as<T>(), jobs, interrupted);
  });
}

// Flat sizes of s, v, delta, dL_dv.
std::vector<int64_t> trace_sizes(const OwnedPlan& owned) {
  const Network& net = owned.get().network;
  int64_t sums = 0, values = net.n_d;
  for (int64_t l = 0; l < net.depth; l++) sums += net.layers[l].n_out, values += net.layers[l].rows;
  return {sums, values, sums, sums + net.n_0};
}

void trace(const OwnedPlan& owned, nb::object theta, nb::object x, nb::object y, nb::tuple out) {
  check_whole_inputs(owned.get());
  check_size(out, "out", 5);
  const Plan plan = owned.batch(1, 0.0);
  const Network& net = plan.network;
  const char* dtype = owned.dtype();
  const std::vector<int64_t> sizes = trace_sizes(owned);
  const Array weights(theta, {"theta", dtype, {net.theta_size}});
  const Array input(x, {"x", dtype, {net.n_0}}), target(y, {"y", dtype, {net.n_d}});
  const Array s(out[0], {"s", dtype, {sizes[0]}, true}), v(out[1], {"v", dtype, {sizes[1]}, true});
  const Array delta(out[2], {"delta", dtype, {sizes[2]}, true}), dL_dv(out[3], {"dL_dv", dtype, {sizes[3]}, true});
  const Array dL_dW(out[4], {"dL_dW", dtype, {net.theta_size}, true});
  with_type(plan, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    const FlushDenormals flushed;
    const Block room(kernels<T>().workspace(plan, 1));
    const Trace<T> filled{s.as<T>(), v.as<T>(), delta.as<T>(), dL_dv.as<T>(), dL_dW.as<T>()};
    kernels<T>().trace(plan, weights.as<T>(), input.as<T>(), target.as<T>(), filled, room.get());
  });
}

// ---------------------------------------------------------------- small things

void order_of_epoch(uint64_t order_seed, nb::object epoch, nb::object sampling, nb::object out) {
  const int64_t rows = whole(nb::int_(shape_of(out, "out", 1)[0]), "rows", 1, MOST_ROWS);
  const Array result(out, {"out", "int64", {rows}, true});
  std::vector<uint32_t> order(static_cast<size_t>(rows));
  const auto kind = static_cast<Sampling>(whole(sampling, "sampling", 0, SAMPLINGS - 1));
  epoch_order(order_seed, whole(epoch, "epoch", 0, MOST), kind, static_cast<uint64_t>(rows), order.data());
  std::copy(order.begin(), order.end(), result.as<int64_t>());
}

std::vector<std::string> evaluable() {
  std::vector<std::string> names(ACTIVATION_NAMES, ACTIVATION_NAMES + ACTIVATIONS);
  names.emplace_back("straight_through");
  names.insert(names.end(), FUNCTION_NAMES, FUNCTION_NAMES + FUNCTIONS);
  return names;
}

void evaluate(int64_t code, bool derivative, bool is_double, nb::object s, nb::object out) {
  const char* dtype = is_double ? "float64" : "float32";
  const int64_t n = shape_of(s, "s", 1)[0];
  const Array numbers(s, {"s", dtype, {n}}), result(out, {"out", dtype, {n}, true});
  if (code < 0 || code > ACTIVATIONS + FUNCTIONS || code == SOFTMAX)
    value_error("`name` is no function of one number.");
  if (derivative && code > ACTIVATIONS) value_error("`derivative` is for activations only.");
  const FlushDenormals flushed;
  if (is_double)
    kernels<double>().evaluate(static_cast<int>(code), derivative, numbers.as<double>(), result.as<double>(), n);
  else
    kernels<float>().evaluate(static_cast<int>(code), derivative, numbers.as<float>(), result.as<float>(), n);
}

nb::list state_sections(const OwnedPlan& owned) {
  Section sections[SECTIONS];
  lay_out_state(owned.get(), sections);
  nb::list rows;
  for (int k = 0; k < SECTIONS; k++)
    rows.append(nb::make_tuple(SECTION_NAMES[k], sections[k].dtype, sections[k].count, sections[k].offset));
  return rows;
}

template <int N>
std::vector<std::string> names_of(const char* const (&names)[N]) {
  return {names, names + N};
}

}  // namespace

NB_MODULE(_engine, module) {
  // What somebody still holds when Python ends is no leak: Python does not take everything down.
  nb::set_leak_warnings(false);
  module.attr("ORDER_VERSION") = ORDER_VERSION;
  module.attr("ACTIVATIONS") = names_of(ACTIVATION_NAMES);
  module.attr("LOSSES") = names_of(LOSS_NAMES);
  module.attr("OPTIMIZERS") = names_of(OPTIMIZER_NAMES);
  module.attr("SAMPLINGS") = names_of(SAMPLING_NAMES);
  module.attr("EVALUABLE") = evaluable();
  nb::class_<OwnedPlan>(module, "Plan").def(nb::init<nb::dict>());
  nb::class_<Predictor>(module, "Predictor")
      .def(nb::init<const OwnedPlan&, nb::object, nb::object>(), nb::keep_alive<1, 2>())
      .def("predict_row", &Predictor::predict_row, nb::arg("theta"), nb::arg("row").none())
      .def("predict_rows", &Predictor::predict_rows, nb::arg("theta"), nb::arg("X").none());
  nb::class_<OwnedEnsemble>(module, "Ensemble")
      .def(nb::init<nb::tuple, nb::list, nb::list, nb::list>())
      .def("answer", &OwnedEnsemble::answer);
  module.def("advance", advance, nb::arg("plan"), nb::arg("data"), nb::arg("states"), nb::arg("schedules"),
             nb::arg("span"), nb::arg("n_jobs"), nb::arg("poll").none(), nb::arg("loss_patience") = nb::none());
  module.def("predict", predict);
  module.def("input_gradient", input_gradient);
  module.def("loss_and_gradient", loss_and_gradient);
  module.def("trace_sizes", trace_sizes);
  module.def("trace", trace);
  module.def("epoch_order", order_of_epoch);
  module.def("evaluate", evaluate);
  module.def("state_sections", state_sections);
  module.def("isas", isa_names);
  module.def("isa", [] { return std::string(isa().name); });
  module.def("use_isa", use_isa);
  module.def("lanes_use", [] { return USE_NAMES[lanes_use()]; });
  module.def("use_lanes", [](const std::string& name) { use_lanes(use_of(name)); });
  module.def("teams_use", [] { return USE_NAMES[teams_use()]; });
  module.def("use_teams", [](const std::string& name) { use_teams(use_of(name)); });
}

}  // namespace descend
