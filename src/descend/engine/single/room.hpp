// Memory of one network that learns one sample at a time. Wide layers lie as (n_in, n_out), thin ones, whose sums run
// along the lanes, transposed; bias rows lie apart. Rows are padded with zeros to lines of 64 bytes, rows of W to a
// multiple of the lanes, and all padding stays 0.
#pragma once

#include "batch/room.hpp"
#include "contract/state.hpp"
#include "single/optimisers.hpp"

namespace descend {
namespace {

template <class T>
constexpr int64_t LINE = 64 / sizeof(T);
constexpr int64_t AHEAD = 4;  // rounds before a sample's, when its inputs are asked for

// W_l and the values of layer l+1.
template <class T>
struct SingleLayer {
  int64_t n_in, n_out, offset, chains;
  int64_t columns, stride;  // of a row: its numbers with padding, and from one row to the next
  bool thin, has_bias;
  T bias;
  Activation sigma;
  WeightsAndMoments<T> weights, bias_row;  // weights: (n_in, stride), or (n_out, stride) where thin; bias_row: (n_out,)
  T *s, *v, *d;                            // of layer l+1; d is delta times StepConstants::scale
  T* lane_numbers;                         // 0, 1, 2, ...
  uint32_t* active;                        // rows of W_l that count for the sample in hand; null where all do
  int64_t* active_count;

  int64_t rows() const { return thin ? n_out : padded<T>(n_in); }
  int64_t out_lines() const { return padded<T>(n_out); }
};

template <class T>
struct SingleRoom {
  int64_t depth;
  SingleLayer<T>* layers;             // (depth,)
  T *y, *terms, *parameter, *inside;  // of the output layer, in lines; inside: 1 where there is an output, else 0
  uint32_t* order;                    // (plan.rows + AHEAD,), the last ones 0
};

template <class T>
WeightsAndMoments<T> place_weights_and_moments(Place& place, int64_t count, int moments) {
  WeightsAndMoments<T> p{};
  p.w = place.take<T>(count);
  p.m = place.take<T>(moments >= 1 ? count : 0);
  p.u = place.take<T>(moments >= 2 ? count : 0);
  return p;
}

template <class T>
SingleLayer<T> place_single_layer(Place& place, const Plan& plan, int64_t l) {
  const Layer& layer = plan.network.layers[l];
  SingleLayer<T> w{};
  w.n_in = layer.n_in, w.n_out = layer.n_out, w.offset = layer.offset;
  w.thin = is_thin(l, w.n_in, w.n_out), w.has_bias = layer.rows > layer.n_in;
  w.columns = padded<T>(w.thin ? w.n_in : w.n_out), w.stride = spread<T>(w.columns);
  w.chains = chains_of(w.n_in, w.n_out, LINE<T>);
  w.bias = static_cast<T>(layer.bias), w.sigma = layer.sigma;
  w.weights = place_weights_and_moments<T>(place, w.rows() * w.stride, moments_of(plan.optimizer));
  w.bias_row = place_weights_and_moments<T>(place, w.out_lines(), moments_of(plan.optimizer));
  T** const parts[] = {&w.s, &w.v, &w.d, &w.lane_numbers};
  for (T** part : parts) *part = place.take<T>(w.out_lines());
  if (!skips_rows(plan, l, LINE<T>)) return w;
  w.active = place.take<uint32_t>(w.n_in);
  w.active_count = place.take<int64_t>(1);
  return w;
}

template <class T>
SingleRoom<T> lay_out_single(const Plan& plan, Place& place) {
  SingleRoom<T> room{};
  room.depth = plan.network.depth;
  room.layers = place.take<SingleLayer<T>>(room.depth);
  for (int64_t l = 0; l < room.depth; l++) place.put(room.layers, l, place_single_layer<T>(place, plan, l));
  const int64_t lines = padded<T>(plan.network.n_d);
  T** const parts[] = {&room.y, &room.terms, &room.parameter, &room.inside};
  for (T** part : parts) *part = place.take<T>(lines);
  room.order = place.take<uint32_t>(plan.rows + AHEAD);
  return room;
}

template <class T>
size_t single_workspace(const Plan& plan) {
  return measured([&](Place& place) { lay_out_single<T>(plan, place); });
}

// The block may hold what a run before left there.
template <class T>
SingleRoom<T> make_single_room(const Plan& plan, void* block) {
  const SingleRoom<T> room = placed(block, [&](Place& place) { return lay_out_single<T>(plan, place); });
  const int moments = moments_of(plan.optimizer);
  for (int64_t l = 0; l < room.depth; l++) {
    const SingleLayer<T>& w = room.layers[l];
    const WeightsAndMoments<T> parts[] = {w.weights, w.bias_row};
    const int64_t counts[] = {w.rows() * w.stride, w.out_lines()};
    for (int k = 0; k < 2; k++) {
      zeros(parts[k].w, counts[k]);
      if (moments >= 1) zeros(parts[k].m, counts[k]);
      if (moments >= 2) zeros(parts[k].u, counts[k]);
    }
    zeros(w.s, w.out_lines()), zeros(w.v, w.out_lines()), zeros(w.d, w.out_lines());
    for (int64_t k = 0; k < LINE<T>; k++) w.lane_numbers[k] = static_cast<T>(k);
  }
  const int64_t n_d = plan.network.n_d;
  for (int64_t k = 0; k < AHEAD; k++) room.order[plan.rows + k] = 0;
  for (int64_t j = 0; j < padded<T>(n_d); j++) {
    room.parameter[j] = j < n_d ? static_cast<T>(plan.network.loss_parameter[j]) : T(1);
    room.inside[j] = j < n_d ? T(1) : T(0);
    room.y[j] = 0, room.terms[j] = 0;
  }
  return room;
}

// ---------------------------------------------------------------- theta's layout to this one and back

// Calls f(entry of a flat array, entry of weights or bias_row, is it a bias).
template <class T, class F>
INLINE void each_weight(const SingleLayer<T>& w, F f) {
  for (int64_t i = 0; i < w.n_in; i++)
    for (int64_t j = 0; j < w.n_out; j++)
      f(w.offset + i * w.n_out + j, w.thin ? j * w.stride + i : i * w.stride + j, false);
  if (!w.has_bias) return;
  for (int64_t j = 0; j < w.n_out; j++) f(w.offset + w.n_in * w.n_out + j, j, true);
}

template <class T>
void take_weights(const SingleRoom<T>& room, const State<T>& state, int moments) {
  for (int64_t l = 0; l < room.depth; l++) {
    const SingleLayer<T>& w = room.layers[l];
    each_weight(w, [&](int64_t flat, int64_t at, bool bias) {
      const WeightsAndMoments<T>& to = bias ? w.bias_row : w.weights;
      to.w[at] = state.theta[flat];
      if (moments >= 1) to.m[at] = state.moment_1[flat];
      if (moments >= 2) to.u[at] = state.moment_2[flat];
    });
  }
}

template <class T>
void give_weights(const SingleRoom<T>& room, T* theta) {
  for (int64_t l = 0; l < room.depth; l++) {
    const SingleLayer<T>& w = room.layers[l];
    each_weight(w, [&](int64_t flat, int64_t at, bool bias) { theta[flat] = (bias ? w.bias_row : w.weights).w[at]; });
  }
}

template <class T>
void give_moments(const SingleRoom<T>& room, const State<T>& state, int moments) {
  for (int64_t l = 0; l < room.depth; l++) {
    const SingleLayer<T>& w = room.layers[l];
    each_weight(w, [&](int64_t flat, int64_t at, bool bias) {
      const WeightsAndMoments<T>& from = bias ? w.bias_row : w.weights;
      if (moments >= 1) state.moment_1[flat] = from.m[at];
      if (moments >= 2) state.moment_2[flat] = from.u[at];
    });
  }
}

}  // namespace
}  // namespace descend
