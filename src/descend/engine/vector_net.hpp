// The Net of train.hpp in Lanes: packed weights, chunks of rows.
#pragma once

#include "backward.hpp"
#include "forward.hpp"
#include "optimisers.hpp"
#include "room.hpp"
#include "state.hpp"
#include "train.hpp"

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
        const double one = static_cast<double>(w.W[i * w.stride + j]);
        sum = sum + factor * (one * one);
      }
    }
  }
  return sum * (lambda / 2);
}

template <class T>
bool all_finite(const Room<T>& room) {
  bool finite = true;
  for (int64_t l = 0; l < room.parts; l++) {
    const Weights<T>& w = room.weights[l];
    for (int64_t i = 0; i < w.rows; i++)
      for (int64_t j = 0; j < w.n_out; j++) finite &= __builtin_isfinite(w.W[i * w.stride + j]) != 0;
  }
  return finite;
}

template <class T>
struct VectorNet {
  const Plan& plan;
  const Data<T>& data;
  const State<T>& state;
  const Task* task;  // null outside training
  Room<T> room;
  double lambda = plan.l2;  // of the last round

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
  void update(double eta, int64_t round) { descend::update(room, plan, eta, lambda, round); }

  // lambda_t and the dropout of the round that comes.
  void begin_round() {
    if (!task) return;
    const int64_t round = state.counters[C_ROUND];
    lambda = plan.l2 * at_round(task->decay, *task, round);
    begin_dropout(room, plan, static_cast<uint64_t>(state.counters[C_DROPOUT_SEED]), round,
                  at_round(task->dropout, *task, round));
  }

  double round(const uint32_t* samples, int64_t batch, double epoch_loss) {
    begin_round();
    for (int64_t start = 0; start < batch; start += CHUNK) {
      const int64_t rows = batch - start < CHUNK ? batch - start : CHUNK;
      gather(room, data, samples + start, rows);
      if (plan.front_scale) scale_inputs(room, rows);
      room.dropping.first = start;
      forward(room, room.nodes[0].v, room.nodes[0].v_stride, rows);
      losses(room, plan.network.loss, rows);
      for (int64_t t = 0; t < rows; t++)
        epoch_loss = epoch_loss + static_cast<double>(room.weight[t]) * static_cast<double>(room.loss[t]);
      output_delta(room, plan.network, rows);
      weigh_delta(room, batch, rows);
      backward(room, plan.network, rows, start == 0);
    }
    room.dropping.on = false;
    return epoch_loss;
  }

  // Rows as they lie in the data.
  void forward_rows(const T* x, int64_t rows) {
    const Nodes<T>& in = room.nodes[0];
    if (!plan.front_scale) return forward(room, x, in.n, rows);
    for (int64_t t = 0; t < rows; t++) copy_row(x + t * in.n, in.n, in.v + t * in.v_stride);
    scale_inputs(room, rows);
    forward(room, in.v, in.v_stride, rows);
  }

  // sum w L / sum w over the validation rows in order
  double validation_loss() {
    const int64_t n_0 = plan.network.n_0;
    double sum = 0, weights = 0;
    for (int64_t start = 0; start < plan.validation_rows; start += CHUNK) {
      const int64_t left = plan.validation_rows - start, rows = left < CHUNK ? left : CHUNK;
      for (int64_t t = 0; t < rows; t++) copy_target(room, data.Y_validation, start + t, t);
      forward_rows(data.X_validation + start * n_0, rows);
      losses(room, plan.network.loss, rows);
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
