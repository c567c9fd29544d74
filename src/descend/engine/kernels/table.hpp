// The table of kernels of one instruction set. Included once by each set's file beside it, which is compiled with that
// set's flags. All that is behind it lies in anonymous namespaces and uses no template of the standard library, so that
// the linker has nothing to choose between sets.
#pragma once

#include "batch/by_index.hpp"
#include "batch/input_gradient.hpp"
#include "batch/net.hpp"
#include "batch/one_row.hpp"
#include "block/net.hpp"
#include "contract/kernels.hpp"
#include "contract/regime.hpp"
#include "contract/run.hpp"
#include "lanes/run.hpp"

namespace descend {
namespace {

// Room for one network in chunks of rows and, where it learns one sample at a time, for that.
template <class T>
size_t run_workspace(const Plan& plan, int members) {
  const size_t batches = workspace<T>(plan, members);
  switch (regime_of(plan)) {
    case IN_BATCHES:
      return batches;
    case ONE_BY_ONE:
      return batches + single_workspace<T>(plan);
    case IN_BLOCKS:
      return batches + block_workspace<T>(plan);
  }
  return 0;
}

// One sample at a time, alone or in blocks.
template <class T, class Step, class BiasStep>
void run_single(const VectorNet<T>& net, const Task& task, void* block) {
  if constexpr (Step::MOMENTS < 2)
    if (regime_of(net.plan) == IN_BLOCKS) {
      const BlockRoom<T> room = make_block_room<T>(net.plan, block);
      BlockNet<T, Step, BiasStep> blocks(net.plan, net.data, net.state, room, net);
      return run_in_stretches(net.plan, task, blocks, net.state);
    }
  SingleNet<T, Step, BiasStep> single{net.plan, net.data, net.state, make_single_room<T>(net.plan, block), net};
  run_in_stretches(net.plan, task, single, net.state);
}

template <class T>
void run(const Plan& plan, const Data<T>& data, const State<T>& state, const Task& task, void* block) {
  const int64_t batch = plan.batch_size < plan.rows ? plan.batch_size : plan.rows;
  const int members = capacity_of(task.team);
  VectorNet<T> net{plan, data, state, &task, make_room<T>(plan, block, turns_output(plan, batch), members), task.team};
  if (regime_of(plan) == IN_BATCHES) return run_state(plan, task, net, state);
  void* rest = static_cast<char*>(block) + workspace<T>(plan, members);
  with_step(plan,
            [&](auto step, auto bias_step) { run_single<T, decltype(step), decltype(bias_step)>(net, task, rest); });
}

template <class T>
void run_lanes(const Plan& plan, const Data<T>& data, const State<T>* states, int count, const Task& task,
               void* block) {
  LanesNet<T> net{plan, data, make_lanes_room<T>(plan, block)};
  LanesRun<T>{plan, task, net, states, count}.run();
}

template <class T>
void predict(const Plan& plan, const T* theta, const InputRows<T>& X, int64_t rows, T* output, const Team* team,
             void* block) {
  const Room<T> room = make_room<T>(plan, block, turns_output(plan, rows), capacity_of(team));
  const Network& net = plan.network;
  const int64_t n_x = numbers_of(net), n_d = net.n_d;
  pack_weights(room, theta);
  for (int64_t start = 0; start < rows; start += room.chunk) {
    const int64_t together = rows - start < room.chunk ? rows - start : room.chunk;
    if (room.coded.fields > 0) coded_layer(team, room, inputs_from(net, X, start), nullptr, together);
    each_row(team, room, together, [&](const Room<T>& part, int64_t first, int64_t count) {
      forward(part, X.x + (start + first) * n_x, n_x, count);
      const Nodes<T>& out = part.nodes[part.depth];
      const int64_t row_step = out.turned ? 1 : out.v_stride, step = out.turned ? out.v_stride : 1;
      T* to = output + (start + first) * n_d;
      for (int64_t t = 0; t < count; t++)
        for (int64_t j = 0; j < n_d; j++) to[t * n_d + j] = out.v[t * row_step + j * step];
    });
  }
}

// g = fma(lambda, w, g) without the bias row
template <class T>
void add_decay(const Weights<T>& w, T lambda) {
  using V = typename LanesOf<T>::V;
  const int64_t lines = w.turned ? w.n_out : w.n_in, length = w.turned ? padded<T>(w.n_in) : w.stride;
  for (int64_t k = 0; k < lines; k++)
    for (int64_t at = k * w.stride; at < k * w.stride + length; at += V::COUNT)
      fma(V::all(lambda), V::load(w.W + at), V::load(w.gradient + at)).store(w.gradient + at);
}

template <class T>
double loss_and_gradient(const Plan& plan, const T* theta, const Data<T>& data, T* gradient, const Team* team,
                         void* block) {
  const State<T> none{};
  const bool turned = turns_output(plan, plan.rows);
  VectorNet<T> net{plan, data, none, nullptr, make_room<T>(plan, block, turned, capacity_of(team)), team};
  pack_weights(net.room, theta);
  for (int64_t i = 0; i < plan.rows; i++) net.room.order[i] = static_cast<uint32_t>(i);
  const double sum = net.round(net.room.order, plan.rows, 0.0);
  net.keep_gradient();
  finish_ramps(net.room);
  for (int64_t l = 0; l < net.room.depth; l++) {
    if (plan.l2 != 0) add_decay(net.room.weights[l], static_cast<T>(plan.l2));
    unpack(net.room.weights[l], net.room.weights[l].gradient, gradient);
  }
  return sum / static_cast<double>(plan.rows) + net.penalty();
}

// dL/dv_d as it stands in the table of losses, into delta_d.
template <class T>
void output_derivative(const Room<T>& room, Loss loss) {
  using V = typename LanesOf<T>::V;
  const Nodes<T>& out = room.nodes[room.depth];
  with_loss(loss, room.weights[room.depth - 1].sigma, [&](auto row) {
    for (int64_t j = 0; j < out.n; j += V::COUNT) row.dL_dv(output_at(room, out, 0, j)).store(out.delta + j);
  });
}

template <class T>
T* append(T* to, const T* from, int64_t n) {
  copy_row(from, n, to);
  return to + n;
}

// Where the entries of layer l begin in flat arrays over layers 0 ... d, with and without bias entries.
template <class T>
int64_t nodes_before(const Room<T>& room, int64_t layer, bool with_bias) {
  int64_t count = 0;
  for (int64_t l = 0; l < layer; l++) count += with_bias ? room.weights[l].rows : room.nodes[l].n;
  return count;
}

template <class T>
void trace_backward(const Room<T>& room, const Network& net, const Trace<T>& out) {
  const int64_t n_0 = net.n_0;
  const Nodes<T>& last = room.nodes[room.depth];
  output_derivative(room, net.loss);
  copy_row(last.delta, last.n, out.dL_dv + nodes_before(room, room.depth, false));
  output_delta(room, net, 1);
  for (int64_t l = room.depth - 1; l >= 0; l--) {
    const Weights<T>& w = room.weights[l];
    const Nodes<T>&from = room.nodes[l], &to = room.nodes[l + 1];
    copy_row(to.delta, to.n, out.delta + nodes_before(room, l + 1, false) - n_0);
    KeepGradient<T>{}(w, from, to, 1, true);
    unpack(w, w.gradient, out.dL_dW);
    transpose_weights(w);
    through_weights(w, from, to, 1);
    copy_row(from.delta, from.n, out.dL_dv + nodes_before(room, l, false));
    if (l > 0) through_activation(room.weights[l - 1].sigma, net.straight_through, from, 1);
  }
}

template <class T>
void trace(const Plan& plan, const T* theta, const T* x, const T* y, const Trace<T>& out, void* block) {
  const Room<T> room = make_room<T>(plan, block, false);
  const uint32_t first = 0;
  const Data<T> data{x, y, nullptr, nullptr, nullptr, nullptr};
  pack_weights(room, theta);
  gather(room, data, &first, 1);
  forward(room, room.nodes[0].v, room.nodes[0].v_stride, 1);
  T *s = out.s, *v = out.v;
  for (int64_t l = 0; l <= room.depth; l++) {
    const Nodes<T>& nodes = room.nodes[l];
    if (l > 0) s = append(s, nodes.s, nodes.n);
    v = append(v, nodes.v, l < room.depth ? room.weights[l].rows : nodes.n);
  }
  trace_backward(room, plan.network, out);
}

// ---------------------------------------------------------------- functions of one number, for the accuracy tests

template <class T, class F>
void each_number(const T* s, T* out, int64_t n, F f) {
  using V = typename LanesOf<T>::V;
  alignas(64) T buffer[V::COUNT];
  for (int64_t start = 0; start < n; start += V::COUNT) {
    const int64_t count = n - start < V::COUNT ? n - start : V::COUNT;
    for (int64_t k = 0; k < V::COUNT; k++) buffer[k] = s[start + (k < count ? k : 0)];
    f(V::load(buffer)).store(buffer);
    copy_row(buffer, count, out + start);
  }
}

template <class T>
void evaluate_function(int function, const T* s, T* out, int64_t n) {
  switch (static_cast<Function>(function)) {
    case F_EXP:
      return each_number(s, out, n, [](auto x) { return exp(x); });
    case F_EXPM1:
      return each_number(s, out, n, [](auto x) { return expm1(x); });
    case F_LOG:
      return each_number(s, out, n, [](auto x) { return log(x); });
    case F_LOG1P:
      return each_number(s, out, n, [](auto x) { return log1p(x); });
    case F_TANH:
      return each_number(s, out, n, [](auto x) { return tanh(x); });
    case F_SIGMOID:
      return each_number(s, out, n, [](auto x) { return sigmoid(x); });
    case F_ERF:
      return each_number(s, out, n, [](auto x) { return erf(x); });
    case F_ERFC:
      return each_number(s, out, n, [](auto x) { return erfc(x); });
    case F_NORMAL_CDF:
      return each_number(s, out, n, [](auto x) { return normal(x).cdf; });
    case FUNCTIONS:
      return;
  }
}

// Activations as batches compute them: sigma(s), and sigma'(s) as what becomes of a delta of 1.
template <class T>
void evaluate_activation(Activation sigma, bool derivative, bool straight_through, const T* s, T* out, int64_t n) {
  constexpr int64_t MOST = 256;
  alignas(64) T line[3][MOST];
  for (int64_t start = 0; start < n; start += MOST) {
    const int64_t count = n - start < MOST ? n - start : MOST;
    const Nodes<T> nodes{count, MOST, MOST, line[0], line[1], line[2]};
    for (int64_t k = 0; k < MOST; k++) line[0][k] = s[start + (k < count ? k : 0)], line[2][k] = 1;
    activate(Room<T>{}, sigma, nodes, 1);
    if (derivative) through_activation(sigma, straight_through, nodes, 1);
    copy_row(derivative ? line[2] : line[1], count, out + start);
  }
}

template <class T>
void evaluate(int code, bool derivative, const T* s, T* out, int64_t n) {
  if (code > ACTIVATIONS) return evaluate_function(code - ACTIVATIONS - 1, s, out, n);
  const bool surrogate = code == ACTIVATIONS;
  evaluate_activation(surrogate ? STEP : static_cast<Activation>(code), derivative, surrogate, s, out, n);
}

template <class T>
constexpr Kernels<T> table() {
  return {
      run_workspace<T>,  run<T>,         static_cast<int>(LANES<T>), lanes_workspace<T>,   run_lanes<T>, predict<T>,
      input_gradient<T>, predict_one<T>, indexed_layer<T>,           loss_and_gradient<T>, trace<T>,     evaluate<T>};
}

}  // namespace
}  // namespace descend
