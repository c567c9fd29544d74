// Restarts in lanes: entry k of every Lanes belongs to restart k. A small network then keeps the vector units busy with
// numbers that all matter, and each restart still sees its own sums in their order, so its bits are those it has alone.
// The memory is a Room of one row in which every entry is Lanes; what works entry by entry (activations, optimisers)
// takes it as it is.
#pragma once

#include "batch/room.hpp"
#include "contract/state.hpp"

namespace descend {
namespace {

template <class T>
struct LanesRoom {
  Room<T> room;       // strides and node counts in numbers, not in Lanes; nodes[0] has no memory: inputs are shared
  T *loss, *log_sum;  // (lanes,) of one sample
  double *epoch_loss, *validation;  // (lanes,)
};

template <class T>
constexpr int64_t LANES = LanesOf<T>::V::COUNT;

// An odd number of lines of 64 bytes for a row of W: rows one below the other then do not meet in one set of the cache.
template <class T>
constexpr int64_t lanes_stride(int64_t n_out) {
  return (n_out | 1) * LANES<T>;
}

template <class T>
Nodes<T> place_lanes_nodes(Place& place, int64_t n, bool input) {
  const int64_t count = n * LANES<T>;
  Nodes<T> nodes{count, count, count, nullptr, nullptr, nullptr};
  T** const parts[] = {&nodes.s, &nodes.v, &nodes.delta};
  for (T** part : parts) *part = place.take<T>(input ? 0 : count);
  return nodes;
}

template <class T>
Weights<T> place_lanes_weights(Place& place, const Layer& layer, Optimizer optimizer) {
  const int moments = moments_of(optimizer);
  Weights<T> w{};
  w.n_in = layer.n_in, w.n_out = layer.n_out, w.rows = layer.rows, w.offset = layer.offset;
  w.stride = lanes_stride<T>(w.n_out);
  w.bias = static_cast<T>(layer.bias), w.sigma = layer.sigma;
  w.W = place.take<T>(w.rows * w.stride);
  w.gradient = place.take<T>(w.rows * w.stride);
  w.moment_1 = place.take<T>(moments >= 1 ? w.rows * w.stride : 0);
  w.moment_2 = place.take<T>(moments >= 2 ? w.rows * w.stride : 0);
  return w;
}

template <class T>
LanesRoom<T> lay_out_lanes(const Plan& plan, Place& place) {
  const Network& net = plan.network;
  LanesRoom<T> all{};
  Room<T>& room = all.room;
  room.depth = room.parts = net.depth;
  room.nodes = place.take<Nodes<T>>(net.depth + 1);
  room.weights = place.take<Weights<T>>(net.depth);
  for (int64_t l = 0; l < net.depth; l++)
    place.put(room.weights, l, place_lanes_weights<T>(place, net.layers[l], plan.optimizer));
  for (int64_t l = 0; l <= net.depth; l++)
    place.put(room.nodes, l, place_lanes_nodes<T>(place, l < net.depth ? net.layers[l].n_in : net.n_d, l == 0));
  all.loss = place.take<T>(LANES<T>);
  all.log_sum = place.take<T>(LANES<T>);
  all.epoch_loss = place.take<double>(LANES<T>);
  all.validation = place.take<double>(LANES<T>);
  room.order = place.take<uint32_t>(plan.rows);
  return all;
}

template <class T>
size_t lanes_workspace(const Plan& plan) {
  return measured([&](Place& place) { lay_out_lanes<T>(plan, place); });
}

// Gaps between rows are zeros: they are updated with the rest and must stay harmless.
template <class T>
LanesRoom<T> make_lanes_room(const Plan& plan, void* block) {
  const LanesRoom<T> all = placed(block, [&](Place& place) { return lay_out_lanes<T>(plan, place); });
  for (int64_t l = 0; l < all.room.depth; l++) {
    const Weights<T>& w = all.room.weights[l];
    T* const parts[] = {w.W, w.gradient, w.moment_1, w.moment_2};
    const int count = 2 + moments_of(plan.optimizer);
    for (int k = 0; k < count; k++) zeros(parts[k], w.rows * w.stride);
  }
  zeros(all.log_sum, LANES<T>);
  return all;
}

// ---------------------------------------------------------------- theta's layout to one lane and back

template <class T>
void into_lane(const Weights<T>& w, const T* theta, T* packed, int64_t lane) {
  const T* from = theta + w.offset;
  for (int64_t i = 0; i < w.rows; i++)
    for (int64_t j = 0; j < w.n_out; j++) packed[i * w.stride + j * LANES<T> + lane] = from[i * w.n_out + j];
}

template <class T>
void out_of_lane(const Weights<T>& w, const T* packed, int64_t lane, T* theta) {
  T* to = theta + w.offset;
  for (int64_t i = 0; i < w.rows; i++)
    for (int64_t j = 0; j < w.n_out; j++) to[i * w.n_out + j] = packed[i * w.stride + j * LANES<T> + lane];
}

template <class T>
void copy_lane(const Weights<T>& w, T* packed, int64_t from, int64_t to) {
  for (int64_t i = 0; i < w.rows * w.stride; i += LANES<T>) packed[i + to] = packed[i + from];
}

}  // namespace
}  // namespace descend
