// A worker's scratch memory for one plan: packed weights, node values of a chunk of rows, the order of samples.
// Rows are padded with lanes to 64 bytes. Everything lies in one block, allocated once per call by the worker.
#pragma once

#include <cstddef>
#include <cstdint>

#include "plan.hpp"
#include "vec.hpp"

namespace descend {
namespace {

constexpr int64_t CHUNK = 32;  // rows that go through all layers together

template <class T>
constexpr int64_t padded(int64_t n) {
  constexpr int64_t lanes = 64 / sizeof(T);
  return (n + lanes - 1) / lanes * lanes;
}

// Layer l of a chunk: row t of s and delta begins at t * s_stride, row t of v, bias entry included, at t * v_stride.
template <class T>
struct Nodes {
  int64_t n, s_stride, v_stride;
  T *s, *v, *delta;
  T *mask = nullptr, *whole = nullptr;  // of layers with dropout: 0 or `kept` for each node, and sigma(s)
  uint64_t drop_below = 0;              // of this round (order.hpp)
  T kept = 1;
};

// W_l from layer l to l+1, packed: (rows, stride), the bias row last; and its transpose without bias row.
template <class T>
struct Weights {
  int64_t n_in, n_out, rows, stride, offset, transposed_stride;
  T bias;
  Activation sigma;
  T *W, *gradient, *moment_1, *moment_2, *transposed;
};

// The dropout of a chunk: key of the round, place of the chunk's first row in the batch.
struct Dropping {
  bool on;
  uint64_t key;
  int64_t first;
};

template <class T>
struct Room {
  int64_t depth;
  int64_t parts;        // depth, + 1 with front scale
  Nodes<T>* nodes;      // (depth + 1,)
  Weights<T>* weights;  // (parts,); the last may be the front scale, one row of n_0
  T* x;                 // (CHUNK, v_stride) as nodes[0].v: inputs before the front scale
  Dropping dropping;
  T *y, *terms, *loss_parameter;           // (CHUNK, stride), (stride,), (stride,) of the output layer
  T *loss, *weight, *sum, *top, *log_sum;  // (CHUNK,)
  uint32_t* order;                         // (plan.rows,)
};

// Hands out pieces of a block; without a block it only counts.
struct Place {
  char* block;
  size_t used;

  template <class X>
  INLINE X* take(int64_t count) {
    const size_t at = used;
    used += (static_cast<size_t>(count) * sizeof(X) + 63) / 64 * 64;
    return block ? reinterpret_cast<X*>(block + at) : nullptr;
  }
};

template <class T>
Nodes<T> place_nodes(Place& place, int64_t n, bool drops) {
  Nodes<T> nodes{n, padded<T>(n), padded<T>(n + 1), nullptr, nullptr, nullptr};
  nodes.mask = place.take<T>(drops ? CHUNK * nodes.s_stride : 0);
  nodes.whole = place.take<T>(drops ? CHUNK * nodes.s_stride : 0);
  nodes.s = place.take<T>(CHUNK * nodes.s_stride);
  nodes.v = place.take<T>(CHUNK * nodes.v_stride);
  nodes.delta = place.take<T>(CHUNK * nodes.s_stride);
  return nodes;
}

template <class T>
Weights<T> place_weights(Place& place, const Layer& layer, Optimizer optimizer) {
  const int64_t moments = optimizer == SGD ? 0 : optimizer == MOMENTUM || optimizer == NESTEROV ? 1 : 2;
  Weights<T> w{};
  w.n_in = layer.n_in, w.n_out = layer.n_out, w.rows = layer.rows, w.offset = layer.offset;
  w.stride = padded<T>(w.n_out), w.transposed_stride = padded<T>(w.n_in);
  w.bias = static_cast<T>(layer.bias), w.sigma = layer.sigma;
  w.W = place.take<T>(w.rows * w.stride);
  w.gradient = place.take<T>(w.rows * w.stride);
  w.moment_1 = place.take<T>(moments >= 1 ? w.rows * w.stride : 0);
  w.moment_2 = place.take<T>(moments >= 2 ? w.rows * w.stride : 0);
  w.transposed = place.take<T>(w.n_out * w.transposed_stride);
  return w;
}

template <class T>
Room<T> lay_out_room(const Plan& plan, Place& place) {
  const Network& net = plan.network;
  Room<T> room{};
  room.depth = net.depth, room.parts = net.depth + plan.front_scale;
  room.nodes = place.take<Nodes<T>>(net.depth + 1);
  room.weights = place.take<Weights<T>>(room.parts);
  for (int64_t l = 0; l <= net.depth; l++) {
    const bool drops = l > 0 && net.layers[l - 1].dropout > 0;
    const Nodes<T> nodes = place_nodes<T>(place, l < net.depth ? net.layers[l].n_in : net.n_d, drops);
    if (place.block) room.nodes[l] = nodes;
  }
  const Layer front_scale{1, net.n_0, 0, 1, net.theta_size, IDENTITY, 0};
  for (int64_t l = 0; l < room.parts; l++) {
    const Weights<T> weights = place_weights<T>(place, l < net.depth ? net.layers[l] : front_scale, plan.optimizer);
    if (place.block) room.weights[l] = weights;
  }
  room.x = place.take<T>(plan.front_scale ? CHUNK * padded<T>(net.n_0 + 1) : 0);
  const int64_t stride = padded<T>(net.n_d);
  room.y = place.take<T>(CHUNK * stride);
  room.terms = place.take<T>(stride);
  room.loss_parameter = place.take<T>(stride);
  T** const parts[] = {&room.loss, &room.weight, &room.sum, &room.top, &room.log_sum};
  for (T** part : parts) *part = place.take<T>(CHUNK);
  room.order = place.take<uint32_t>(plan.rows);
  return room;
}

template <class T>
size_t workspace(const Plan& plan) {
  Place place{nullptr, 0};
  lay_out_room<T>(plan, place);
  return place.used;
}

template <class T>
Room<T> make_room(const Plan& plan, void* block) {
  Place place{static_cast<char*>(block), 0};
  Room<T> room = lay_out_room<T>(plan, place);
  const int64_t n_d = plan.network.n_d;
  for (int64_t j = 0; j < padded<T>(n_d); j++)
    room.loss_parameter[j] = j < n_d ? static_cast<T>(plan.network.loss_parameter[j]) : T(1);
  for (int64_t t = 0; t < CHUNK; t++) room.sum[t] = 1, room.top[t] = 0;
  return room;
}

// ---------------------------------------------------------------- theta's layout to packed rows and back

template <class T>
void pack(const Weights<T>& w, const T* theta, T* packed) {
  const T* from = theta + w.offset;
  for (int64_t i = 0; i < w.rows; i++)
    for (int64_t j = 0; j < w.stride; j++) packed[i * w.stride + j] = j < w.n_out ? from[i * w.n_out + j] : T(0);
}

template <class T>
void unpack(const Weights<T>& w, const T* packed, T* theta) {
  T* to = theta + w.offset;
  for (int64_t i = 0; i < w.rows; i++)
    for (int64_t j = 0; j < w.n_out; j++) to[i * w.n_out + j] = packed[i * w.stride + j];
}

template <class T>
void pack_weights(const Room<T>& room, const T* theta) {
  for (int64_t l = 0; l < room.parts; l++) pack(room.weights[l], theta, room.weights[l].W);
}

template <class T>
void unpack_weights(const Room<T>& room, T* theta) {
  for (int64_t l = 0; l < room.parts; l++) unpack(room.weights[l], room.weights[l].W, theta);
}

}  // namespace
}  // namespace descend
