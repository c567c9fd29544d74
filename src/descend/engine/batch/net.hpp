// The Net of contract/run.hpp in Lanes: packed weights, chunks of rows.
#pragma once

#include "batch/backward.hpp"
#include "batch/coded_layer.hpp"
#include "batch/forward.hpp"
#include "batch/front_scale.hpp"
#include "batch/optimisers.hpp"
#include "batch/room.hpp"
#include "batch/shares.hpp"
#include "contract/run.hpp"
#include "contract/state.hpp"

namespace descend {
namespace {

// (lambda / 2) sum f w^2 in float64, parameters in theta's order, f the decay factor of their group
template <class T>
double penalty_of(const Room<T>& room, const Plan& plan, double lambda) {
  if (lambda == 0 || plan.optimizer == ADAMW) return 0;
  double sum = 0;
  for (int64_t l = 0; l < room.parts; l++) {
    const Weights<T>& w = room.weights[l];
    for (int64_t i = 0; i < w.rows; i++) {
      const double factor = plan.factors[2 * l + (i == w.n_in)].decay;
      for (int64_t j = 0; j < w.n_out && factor != 0; j++) {
        const double one = static_cast<double>(w.W[w.at(i, j)]);
        sum = sum + factor * (one * one);
      }
    }
  }
  return sum * (lambda / 2);
}

// w - w is 0 for numbers, nan for inf and nan.
template <class T>
bool line_is_finite(const T* at, int64_t count) {
  using V = typename LanesOf<T>::V;
  V zeros = V::all(0);
  int64_t k = 0;
  for (; k + V::COUNT <= count; k += V::COUNT) zeros = zeros + (V::load(at + k) - V::load(at + k));
  alignas(64) T each[V::COUNT];
  zeros.store(each);
  bool finite = true;
  for (const T& zero : each) finite &= zero == 0;
  for (; k < count; k++) finite &= __builtin_isfinite(at[k]) != 0;
  return finite;
}

template <class T>
bool all_finite(const Room<T>& room) {
  bool finite = true;
  for (int64_t l = 0; l < room.parts; l++) {
    const Weights<T>& w = room.weights[l];
    for (int64_t row = 0; row < w.packed_rows(); row++)
      finite &= line_is_finite(w.W + row * w.stride, w.turned ? w.n_in : w.n_out);
    for (int64_t j = 0; j < w.n_out && w.turned && w.rows > w.n_in; j++)
      finite &= __builtin_isfinite(w.W[w.at(w.n_in, j)]) != 0;
  }
  return finite;
}

// What becomes of the last chunk's gradient: a few rows at a time, it goes through the optimiser while they are near.
template <class T, class Row>
struct UpdateNow {
  const Room<T>& room;
  const Plan& plan;
  RoundRates rates;
  PartConstants<T> first_part;  // those of all in a plain plan
  const Data<T>& data;
  const uint32_t* next;  // samples of the next chunk
  int64_t next_rows;

  PartConstants<T> constants(const Weights<T>& w) const {
    return plan.plain ? first_part : part_constants<T>(plan, rates, &w - room.weights);
  }

  // The gradient lies in memory.
  void take(const Weights<T>& w) const {
    if (&w == room.weights) fetch_ahead(data, plan.network, next, next_rows, 0, 1);
    update_rows(w, 0, w.packed_rows(), w.gradient, w.W, constants(w), Row{});
  }

  void operator()(const Weights<T>& w, const Nodes<T>&, const Nodes<T>&, int64_t rows, bool first_chunk) const {
    const int64_t step = w.block_rows(), all = w.packed_rows();
    const PartConstants<T> k = constants(w);
    for (int64_t first = 0; first < all; first += step) {
      const int64_t count = all - first < step ? all - first : step;
      if (&w == room.weights) fetch_ahead(data, plan.network, next, next_rows, first / step, (all + step - 1) / step);
      gradient_of(w, rows, first_chunk, first, count, room.block);
      update_rows(w, first, count, room.block, w.W + first * w.stride, k, Row{});
    }
  }

  // Layer 0, if its inputs come by index.
  void coded(int64_t rows, bool first_chunk) const {
    const Weights<T>& w = room.weights[0];
    const PartConstants<T> k = constants(w);
    const int64_t all = coded_tasks(room);
    for (int64_t task = 0; task < all; task++) {
      fetch_ahead(data, plan.network, next, next_rows, task, all);
      step_coded_task(room, task, rows, first_chunk, k, room.block, w.block_rows(), Row{});
    }
  }

  // Of rows first ... first + count - 1 of W_l, into `block`.
  void gradient_of(const Weights<T>& w, int64_t rows, bool first_chunk, int64_t first, int64_t count, T* block) const {
    const int64_t l = &w - room.weights;
    weight_gradient(w, room.nodes[l], room.nodes[l + 1], rows, first_chunk, first, count, block);
    if (l == 0 && plan.front_scale) through_front_scale(room, first, count, block);
  }

  // All layers by a team, the deltas being there. The transposes are made on the way, for the next batch. Weights are
  // put into their place at once, after the step of a strip: other members have had them in their caches, and a store
  // of such a line holds up those of the moments behind it.
  void by_strips(const Team& team, int64_t rows, bool first_chunk) const {
    const auto step_strip = [&](const Strip& strip, int64_t number, int64_t all, int member) {
      const Weights<T>& w = room.weights[strip.layer];
      T* block = room.corners[member].block;
      fetch_ahead(data, plan.network, next, next_rows, number, all);
      gradient_of(w, rows, first_chunk, strip.first, strip.count, block);
      update_rows(w, strip.first, strip.count, block, block, constants(w), Row{});
      put_strip(w, strip, block);
    };
    const auto step_coded = [&](int64_t number, int64_t all, int member) {
      const Weights<T>& w = room.weights[0];
      fetch_ahead(data, plan.network, next, next_rows, number, all);
      step_coded_task(room, number, rows, first_chunk, constants(w), room.corners[member].block, w.strip_rows(), Row{});
    };
    each_strip_after(team, room, step_strip, coded_tasks(room), step_coded);
  }
};

template <class T>
struct VectorNet {
  const Plan& plan;
  const Data<T>& data;
  const State<T>& state;
  const Task* task;  // null outside training
  Room<T> room;
  const Team* team;                // null: alone
  double lambda = plan.l2;         // of the last round
  int64_t last_rows = 0;           // of the chunk that waits for its way back
  bool is_first_chunk = true;      // of its batch
  bool shared = false;             // whether a team has its deltas
  const uint32_t* next = nullptr;  // the samples after its batch
  bool transposed = false;         // whether the transposes are those of the weights

  void begin() {
    pack_weights(room, state.theta);
    for (int64_t l = 0; l < room.parts; l++) {
      const Weights<T>& w = room.weights[l];
      if (moments() >= 1) pack(w, state.moment_1, w.moment_1);
      if (moments() >= 2) pack(w, state.moment_2, w.moment_2);
    }
  }

  void end() {
    unpack_weights(room, state.theta);
    for (int64_t l = 0; l < room.parts; l++) {
      const Weights<T>& w = room.weights[l];
      if (moments() >= 1) unpack(w, w.moment_1, state.moment_1);
      if (moments() >= 2) unpack(w, w.moment_2, state.moment_2);
    }
  }

  int moments() const { return moments_of(plan.optimizer); }
  uint32_t* order() { return room.order; }
  void keep_best() { unpack_weights(room, state.best_theta); }
  double penalty() const { return penalty_of(room, plan, lambda); }
  bool weights_are_finite() const { return all_finite(room); }

  // lambda_t and the dropout of the round that comes.
  void begin_round() {
    if (!task) return;
    const int64_t round = state.counters[C_ROUND];
    lambda = plan.l2 * at_round(task->decay, *task, round);
    begin_dropout(room, plan, static_cast<uint64_t>(state.counters[C_DROPOUT_SEED]), round,
                  at_round(task->dropout, *task, round));
  }

  // Forward, loss, delta_d of all chunks; back-propagation of all but the last. A team has the deltas of all layers of
  // the last, too.
  double round(const uint32_t* samples, int64_t batch, double epoch_loss) {
    if (!plan.plain) begin_round();
    next = samples + batch;
    for (int64_t start = 0; start < batch; start += room.chunk) {
      if (start > 0) keep_gradient();
      is_first_chunk = start == 0;
      last_rows = batch - start < room.chunk ? batch - start : room.chunk;
      room.dropping.first = start;
      shared = members_of(team) > 1;
      if (shared) make_transposes();
      if (room.coded.fields > 0) coded_layer(team, room, training_inputs(data), samples + start, last_rows);
      there_and_back(samples + start, batch);
      epoch_loss = add_losses(epoch_loss);
    }
    return epoch_loss;
  }

  // A chunk up to delta_d; in a team, down to delta_1.
  void there_and_back(const uint32_t* samples, int64_t batch) const {
    each_row(team, room, last_rows, [&](const Room<T>& part, int64_t first, int64_t rows) {
      gather(part, data, samples + first, rows);
      forward_rows(part, part.nodes[0].v, part.nodes[0].v_stride, rows);
      losses(part, plan.network.loss, rows);
      output_delta(part, plan.network, rows);
      weigh_delta(part, batch, rows);
      for (int64_t l = part.depth - 1; l > 0 && shared; l--) delta_below(part, plan.network, l, rows);
    });
  }

  // The transposes of the weights as they are, unless a team's last step made them.
  void make_transposes() {
    if (!transposed)
      each_strip(*team, room, [&](const Strip& strip, int64_t, int64_t, int) {
        transpose_strip(room.weights[strip.layer], strip,
                        room.weights[strip.layer].W + strip.first * room.weights[strip.layer].stride);
      });
    transposed = true;
  }

  // epoch_loss + sum_t w_t L_t, the products ahead of the chain
  double add_losses(double epoch_loss) const {
    double* terms = room.terms_of_epoch;
    for (int64_t t = 0; t < last_rows; t++)
      terms[t] = static_cast<double>(room.weight[t]) * static_cast<double>(room.loss[t]);
    for (int64_t t = 0; t < last_rows; t++) epoch_loss = epoch_loss + terms[t];
    return epoch_loss;
  }

  // The way back of the last chunk, into the gradient in memory.
  void keep_gradient() const {
    const auto keep_coded = [&](int64_t task, int64_t, int) { keep_coded_task(room, task, last_rows, is_first_chunk); };
    if (!shared) {
      backward(room, plan.network, last_rows, is_first_chunk, KeepGradient<T>{});
      for (int64_t task = 0; task < coded_tasks(room); task++) keep_coded(task, 0, 0);
      return;
    }
    const auto keep_strip = [&](const Strip& strip, int64_t, int64_t, int) {
      const Weights<T>& w = room.weights[strip.layer];
      weight_gradient(w, room.nodes[strip.layer], room.nodes[strip.layer + 1], last_rows, is_first_chunk, strip.first,
                      strip.count, w.gradient + strip.first * w.stride);
    };
    each_strip_after(*team, room, keep_strip, coded_tasks(room), keep_coded);
  }

  // The way back of the last chunk, straight into the weights.
  void update(double eta, int64_t round) {
    const RoundRates rates = rates_of(plan, eta, lambda, round);
    const PartConstants<T> k = part_constants<T>(plan, rates, 0);
    const int64_t ahead = room.order + plan.rows - next, next_rows = ahead < room.chunk ? ahead : room.chunk;
    with_optimizer(plan.optimizer, [&](auto row) {
      const UpdateNow<T, decltype(row)> use{room, plan, rates, k, data, next, next_rows};
      if (shared)
        use.by_strips(*team, last_rows, is_first_chunk);
      else
        backward(room, plan.network, last_rows, is_first_chunk, use), use.coded(last_rows, is_first_chunk);
      if (!plan.front_scale) return;
      const Weights<T>& scale = room.weights[room.depth];
      update_rows(scale, 0, 1, scale.gradient, scale.W, part_constants<T>(plan, rates, room.depth), row);
    });
    transposed = shared;
  }

  // Rows of inputs, wherever they lie.
  void forward_rows(const Room<T>& part, const T* x, int64_t x_stride, int64_t rows) const {
    if (!plan.front_scale || room.coded.fields > 0) return forward(part, x, x_stride, rows);
    scale_inputs(part, x, x_stride, rows);
    forward(part, part.scaled, part.nodes[0].s_stride, rows);
  }

  // sum w L / sum w over the validation rows in order
  double validation_loss() {
    double sum = 0, weights = 0;
    room.dropping.on = false;
    for (int64_t start = 0; start < plan.validation_rows; start += room.chunk) {
      const int64_t left = plan.validation_rows - start, rows = left < room.chunk ? left : room.chunk;
      const InputRows<T> inputs = inputs_from(plan.network, validation_inputs(data), start);
      if (room.coded.fields > 0) coded_layer(team, room, inputs, nullptr, rows);
      each_row(team, room, rows, [&](const Room<T>& part, int64_t first, int64_t count) {
        const int64_t n_x = numbers_of(plan.network);
        for (int64_t t = 0; t < count; t++) copy_target(part, data.Y_validation, start + first + t, t);
        forward_rows(part, inputs.x + first * n_x, n_x, count);
        losses(part, plan.network.loss, count);
      });
      for (int64_t t = 0; t < rows; t++) {
        const double w = data.validation_weight ? static_cast<double>(data.validation_weight[start + t]) : 1.0;
        sum = sum + w * static_cast<double>(room.loss[t]);
        weights = weights + w;
      }
    }
    return sum / weights;
  }
};

}  // namespace
}  // namespace descend
