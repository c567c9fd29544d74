// The arithmetic of a group of restarts, one in each lane; the counterpart of batch/net.hpp.
#pragma once

#include "batch/optimisers.hpp"
#include "lanes/backward.hpp"

namespace descend {
namespace {

template <class T>
struct LanesNet {
  const Plan& plan;
  const Data<T>& data;
  LanesRoom<T> all;

  uint32_t* order() const { return all.room.order; }

  // Calls f(layer, packed, which) for W and the moments of every layer.
  template <class F>
  void each_part(F f) const {
    const int moments = moments_of(plan.optimizer);
    for (int64_t l = 0; l < all.room.depth; l++) {
      const Weights<T>& w = all.room.weights[l];
      f(w, w.W, 0);
      if (moments >= 1) f(w, w.moment_1, 1);
      if (moments >= 2) f(w, w.moment_2, 2);
    }
  }

  void take(const State<T>& state, int64_t lane) const {
    const T* const parts[] = {state.theta, state.moment_1, state.moment_2};
    each_part([&](const Weights<T>& w, T* packed, int which) { into_lane(w, parts[which], packed, lane); });
    all.epoch_loss[lane] = state.scalars[S_EPOCH_LOSS];
  }

  void give_back(const State<T>& state, int64_t lane) const {
    T* const parts[] = {state.theta, state.moment_1, state.moment_2};
    each_part([&](const Weights<T>& w, T* packed, int which) { out_of_lane(w, packed, lane, parts[which]); });
  }

  void copy(int64_t from, int64_t to) const {
    each_part([&](const Weights<T>& w, T* packed, int) { copy_lane(w, packed, from, to); });
    all.epoch_loss[to] = all.epoch_loss[from];
  }

  // Forward, loss, backward of a batch; all.epoch_loss grows by sum w L. Returns whether that is finite in all lanes.
  bool round(const uint32_t* samples, int64_t batch) {
    const Network& net = plan.network;
    bool finite = true;
    for (int64_t t = 0; t < batch; t++) {
      const int64_t row = samples[t];
      const T *x = data.X + row * net.n_0, *y = data.Y + row * net.n_d;
      const T weight = data.sample_weight ? data.sample_weight[row] : T(1);
      lanes_forward(all, x);
      lanes_loss(all, net, y);
      finite = add_losses(all, static_cast<double>(weight), all.epoch_loss);
      lanes_output_delta(all, net, y, weight / static_cast<T>(batch));
      if (t == 0)
        lanes_gradient(all, net, x, FirstGradient<typename LanesOf<T>::V>{});
      else
        lanes_gradient(all, net, x, NextGradient<typename LanesOf<T>::V>{});
    }
    return finite;
  }

  void update(double eta, int64_t round) { descend::update(all.room, plan, eta, round); }

  // all.validation = sum w L / sum w over the validation rows in order
  void validate() const {
    double weights = 0;
    for (int64_t k = 0; k < LANES<T>; k++) all.validation[k] = 0;
    for (int64_t row = 0; row < plan.validation_rows; row++) {
      const double w = data.validation_weight ? static_cast<double>(data.validation_weight[row]) : 1.0;
      lanes_forward(all, data.X_validation + row * plan.network.n_0);
      lanes_loss(all, plan.network, data.Y_validation + row * plan.network.n_d);
      add_losses(all, w, all.validation);
      weights = weights + w;
    }
    for (int64_t k = 0; k < LANES<T>; k++) all.validation[k] = all.validation[k] / weights;
  }
};

// One restart of the group, as the Net that the end of a round in contract/run.hpp asks.
template <class T>
struct OneLane {
  const LanesNet<T>& net;
  const State<T>& state;
  int64_t lane;

  double validation_loss() const { return net.all.validation[lane]; }

  void keep_best() const {
    for (int64_t l = 0; l < net.all.room.depth; l++)
      out_of_lane(net.all.room.weights[l], net.all.room.weights[l].W, lane, state.best_theta);
  }

  // (lambda / 2) sum W~^2 in float64, weights in theta's order
  double penalty() const {
    if (net.plan.l2 == 0 || net.plan.optimizer == ADAMW) return 0;
    double sum = 0;
    for (int64_t l = 0; l < net.all.room.depth; l++) {
      const Weights<T>& w = net.all.room.weights[l];
      for (int64_t i = 0; i < w.n_in; i++)
        for (int64_t j = 0; j < w.n_out; j++) {
          const double one = static_cast<double>(w.W[i * w.stride + j * LANES<T> + lane]);
          sum = sum + one * one;
        }
    }
    return sum * (net.plan.l2 / 2);
  }

  bool weights_are_finite() const {
    bool finite = true;
    for (int64_t l = 0; l < net.all.room.depth; l++) {
      const Weights<T>& w = net.all.room.weights[l];
      for (int64_t i = 0; i < w.rows; i++)
        for (int64_t j = 0; j < w.n_out; j++)
          finite &= __builtin_isfinite(w.W[i * w.stride + j * LANES<T> + lane]) != 0;
    }
    return finite;
  }
};

}  // namespace
}  // namespace descend
