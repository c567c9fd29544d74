// A worker's scratch memory for one plan: packed weights, node values of a chunk of rows, the order of samples.
// Rows are padded with lanes to 64 bytes. Everything lies in one block, allocated once per call by the worker.
#pragma once

#include <cstddef>
#include <cstdint>

#include "batch/coded.hpp"
#include "contract/plan.hpp"
#include "contract/regime.hpp"
#include "contract/state.hpp"
#include "numbers/place.hpp"
#include "numbers/vec.hpp"

namespace descend {
namespace {

// Rows that go through all layers together: all of a batch where the weights are many, so that they and their gradient
// come through the cache seldom; else as many as have their values in the nearest cache. With fields as many as can be,
// for each chunk walks through all codes.
template <class T>
int64_t rows_together(const Plan& plan) {
  constexpr int64_t STEP = 16, FEW = 64, MANY = 256, NEAR_CACHE = 64 << 10, MANY_BYTES = 1 << 17;
  const Network& net = plan.network;
  int64_t values = numbers_of(net) + net.n_d;
  for (int64_t l = 1; l < net.depth; l++) values += (is_shallow(plan, PIECES) ? 2 : 3) * net.layers[l].n_in;
  const int64_t near = NEAR_CACHE / (values * static_cast<int64_t>(sizeof(T))) / STEP * STEP;
  const int64_t few = near < STEP ? STEP : near < FEW ? near : FEW;
  const bool many = net.n_fields > 0 || net.theta_size * static_cast<int64_t>(sizeof(T)) > MANY_BYTES;
  const int64_t most = many ? MANY : few;
  const int64_t batch = plan.batch_size < MANY ? (plan.batch_size + 2 * STEP - 1) / (2 * STEP) * (2 * STEP) : MANY;
  return batch < most ? batch : most;
}

// Layer l of a chunk: row t of s and delta begins at t * s_stride, row t of v at t * v_stride, its bias entry at
// bias_at. Turned: row j holds the values of node j, one for each row of the chunk.
template <class T>
struct Nodes {
  int64_t n, s_stride, v_stride;
  T *s, *v, *delta;
  bool turned = false;
  int64_t bias_at = 0;
  T *mask = nullptr, *whole = nullptr;  // of layers with dropout, as s: 0 or `kept` for each node, and sigma(s)
  uint64_t drop_below = 0;              // of this round (contract/order.hpp)
  T kept = 1;

  // The same memory as rows and columns of a matrix, for what works entry by entry.
  int64_t lines(int64_t rows) const { return turned ? n : rows; }
  int64_t line_length(int64_t rows) const { return turned ? rows : n; }
};

// W_l from layer l to l+1, packed: (rows, stride), the bias row last; and its transpose without bias row. Turned:
// (n_out, stride), the bias entry of each row first of its last Lanes, so that no Lanes hold bias and other weights.
template <class T>
struct Weights {
  int64_t n_in, n_out, rows, stride, offset, transposed_stride;
  T bias;
  Activation sigma;
  T *W, *gradient, *moment_1, *moment_2, *transposed;
  bool turned = false;

  int64_t packed_rows() const { return turned ? n_out : rows; }
  int64_t size() const { return packed_rows() * stride; }
  int64_t at(int64_t i, int64_t j) const {
    return turned ? j * stride + (i < n_in ? i : padded<T>(n_in)) : i * stride + j;
  }
  // How many packed rows of the gradient are used up at once: a multiple of every tile's height.
  int64_t block_rows() const { return rows_of_bytes(1 << 14, 24); }
  // And by a member of a team: the transpose of so many rows is made of whole lines of 64 bytes.
  int64_t strip_rows() const { return rows_of_bytes(1 << 14, turned ? 6 : 64 / sizeof(T)); }

  // About so many bytes of packed rows, a multiple of `least`; at most all.
  int64_t rows_of_bytes(int64_t bytes, int64_t least) const {
    const int64_t count = bytes / (stride * static_cast<int64_t>(sizeof(T))) / least * least;
    return count > least ? count : least;
  }
};

// The dropout of a chunk: key of the round, place of the chunk's first row in the batch.
struct Dropping {
  bool on;
  uint64_t key;
  int64_t first;
};

// What a member of a team has for itself: its rows of all layers, a few numbers.
template <class T>
struct Corner {
  Nodes<T>* nodes;  // (depth + 1,)
  T *terms, *block;
};

template <class T>
struct Room {
  int64_t depth, chunk;  // chunk: rows that go through all layers together
  int64_t parts;         // depth, + 1 with front scale
  bool shallow;          // for batch/shallow.hpp
  Nodes<T>* nodes;       // (depth + 1,)
  Weights<T>* weights;   // (parts,); the last may be the front scale, one row of n_0
  T* scaled;             // as nodes[0].s: inputs behind the front scale
  Coded<T> coded;        // inputs by index
  Dropping dropping;
  T *y, *terms, *loss_parameter;           // as the output layer's s; (stride,), (stride,)
  T *loss, *weight, *sum, *top, *log_sum;  // (chunk,)
  T* last_hidden;                          // v_(d-1) transposed, for a turned output layer: (n_(d-1), chunk)
  double* terms_of_epoch;                  // (chunk,): w L of each row
  T* block;                                // a few rows of a gradient that are used up at once
  Corner<T>* corners;                      // (members,), where there is a team
  uint32_t* order;                         // (plan.rows,)
};

template <class T>
Nodes<T> place_nodes(Place& place, int64_t n, int64_t chunk) {
  Nodes<T> nodes{n, spread<T>(n), spread<T>(n + 1), nullptr, nullptr, nullptr, false, n};
  nodes.s = place.take<T>(chunk * nodes.s_stride);
  nodes.v = place.take<T>(chunk * nodes.v_stride);
  nodes.delta = place.take<T>(chunk * nodes.s_stride);
  return nodes;
}

// The last hidden layer below a turned output layer: its bias entry fills Lanes of its own.
template <class T>
Nodes<T> place_nodes_below_turned(Place& place, int64_t n, int64_t chunk) {
  Nodes<T> nodes = place_nodes<T>(place, padded<T>(n), chunk);
  nodes.n = n, nodes.bias_at = padded<T>(n);
  return nodes;
}

template <class T>
Nodes<T> place_turned_nodes(Place& place, int64_t n, int64_t chunk) {
  Nodes<T> nodes = place_nodes<T>(place, chunk, n);
  nodes.n = n, nodes.turned = true;
  return nodes;
}

template <class T>
Weights<T> place_weights(Place& place, const Layer& layer, Optimizer optimizer, bool turned, bool coded = false) {
  constexpr int64_t lanes = 64 / sizeof(T);
  const int moments = moments_of(optimizer);
  Weights<T> w{};
  w.n_in = layer.n_in, w.n_out = layer.n_out, w.rows = layer.rows, w.offset = layer.offset, w.turned = turned;
  w.stride = turned ? padded<T>(w.n_in) + (w.rows - w.n_in) * lanes : spread<T>(w.n_out);
  w.transposed_stride = spread<T>(w.n_in);
  w.bias = static_cast<T>(layer.bias), w.sigma = layer.sigma;
  w.W = place.take<T>(w.size());
  w.gradient = place.take<T>(w.size());
  w.moment_1 = place.take<T>(moments >= 1 ? w.size() : 0);
  w.moment_2 = place.take<T>(moments >= 2 ? w.size() : 0);
  w.transposed = place.take<T>(turned || coded ? 0 : w.n_out * w.transposed_stride);
  return w;
}

template <class T>
Nodes<T> place_layer(Place& place, const Network& net, int64_t l, int64_t chunk, bool turned) {
  if (l == 0 && net.n_fields > 0) return place_nodes<T>(place, numbers_of(net), chunk);
  if (l == net.depth) return (turned ? place_turned_nodes<T> : place_nodes<T>)(place, net.n_d, chunk);
  return (turned && l == net.depth - 1 ? place_nodes_below_turned<T> : place_nodes<T>)(place, net.layers[l].n_in,
                                                                                       chunk);
}

// Masks of the layers that drop nodes; the front scale as the last of the weights, and the inputs behind it.
template <class T>
void place_further(const Plan& plan, Place& place, Room<T>& room) {
  const Network& net = plan.network;
  for (int64_t l = 1; l < net.depth; l++) {
    if (net.layers[l - 1].dropout == 0) continue;
    const int64_t count = room.chunk * spread<T>(padded<T>(net.layers[l].n_in));
    T *mask = place.take<T>(count), *whole = place.take<T>(count);
    if (place.block) room.nodes[l].mask = mask, room.nodes[l].whole = whole;
  }
  if (!plan.front_scale) return;
  const Layer scale{1, net.n_0, 0, 1, net.theta_size, IDENTITY, 0};
  place.put(room.weights, room.depth, place_weights<T>(place, scale, plan.optimizer, false));
  room.scaled = place.take<T>(room.chunk * spread<T>(padded<T>(net.n_0)));
}

// Numbers in the most rows of a gradient that are used up at once, `rows_of(w)` of each layer.
template <class T, class RowsOf>
int64_t most_at_once(const Plan& plan, bool turned, const RowsOf& rows_of) {
  const Network& net = plan.network;
  int64_t most = 0;
  for (int64_t l = 0; l < net.depth; l++) {
    Place nowhere{nullptr, 0};
    const Weights<T> w = place_weights<T>(nowhere, net.layers[l], plan.optimizer, turned && l == net.depth - 1);
    const int64_t rows = rows_of(w) < w.packed_rows() ? rows_of(w) : w.packed_rows();
    if (rows * w.stride > most) most = rows * w.stride;
  }
  return most;
}

// A corner for each member of a team.
template <class T>
Corner<T>* place_corners(const Plan& plan, Place& place, bool turned, int members) {
  const int64_t block = most_at_once<T>(plan, turned, [](const Weights<T>& w) { return w.strip_rows(); });
  Corner<T>* corners = place.take<Corner<T>>(members);
  for (int k = 0; k < members; k++) {
    Corner<T> one{};
    one.nodes = place.take<Nodes<T>>(plan.network.depth + 1);
    one.terms = place.take<T>(padded<T>(plan.network.n_d));
    one.block = place.take<T>(block);
    place.put(corners, k, one);
  }
  return corners;
}

template <class T>
Room<T> lay_out_room(const Plan& plan, Place& place, bool turned, int members) {
  const Network& net = plan.network;
  Room<T> room{};
  room.depth = net.depth, room.chunk = rows_together<T>(plan), room.parts = net.depth + plan.front_scale;
  room.shallow = turned && is_shallow(plan, PIECES);
  room.nodes = place.take<Nodes<T>>(net.depth + 1);
  room.weights = place.take<Weights<T>>(room.parts);
  for (int64_t l = 0; l <= net.depth; l++) place.put(room.nodes, l, place_layer<T>(place, net, l, room.chunk, turned));
  place_further(plan, place, room);
  for (int64_t l = 0; l < net.depth; l++) {
    const bool coded = l == 0 && net.n_fields > 0, last = l == net.depth - 1;
    place.put(room.weights, l, place_weights<T>(place, net.layers[l], plan.optimizer, turned && last, coded));
  }
  const int64_t stride = padded<T>(net.n_d);
  room.y = place.take<T>(turned ? net.n_d * spread<T>(room.chunk) : room.chunk * spread<T>(net.n_d));
  room.terms = place.take<T>(stride);
  room.loss_parameter = place.take<T>(stride);
  T** const parts[] = {&room.loss, &room.weight, &room.sum, &room.top, &room.log_sum};
  for (T** part : parts) *part = place.take<T>(room.chunk);
  room.last_hidden = place.take<T>(turned ? net.layers[net.depth - 1].n_in * room.chunk : 0);
  room.terms_of_epoch = place.take<double>(room.chunk);
  room.block = place.take<T>(most_at_once<T>(plan, turned, [](const Weights<T>& w) { return w.block_rows(); }));
  room.order = place.take<uint32_t>(plan.rows);
  if (net.n_fields > 0) room.coded = lay_out_coded<T>(plan, place, room.chunk);
  if (members > 1) room.corners = place_corners<T>(plan, place, turned, members);
  return room;
}

// Of a room either way: whether it is turned may depend on the call.
template <class T>
size_t workspace(const Plan& plan, int members) {
  const auto bytes = [&](bool turned) {
    return measured([&](Place& place) { lay_out_room<T>(plan, place, turned, members); });
  };
  const size_t plain = bytes(false), turned = bytes(true);
  return plain > turned ? plain : turned;
}

// The bias node's entry of each row. It stays, unless Lanes of node values are stored over it.
template <class T>
INLINE void append_bias(const Nodes<T>& nodes, T bias, int64_t rows) {
  for (int64_t t = 0; t < rows; t++) nodes.v[t * nodes.v_stride + nodes.bias_at] = bias;
}

template <class T>
Room<T> make_room(const Plan& plan, void* block, bool turned, int members = 1) {
  const Room<T> room = placed(block, [&](Place& place) { return lay_out_room<T>(plan, place, turned, members); });
  const int64_t n_d = plan.network.n_d;
  for (int64_t j = 0; j < padded<T>(n_d); j++)
    room.loss_parameter[j] = j < n_d ? static_cast<T>(plan.network.loss_parameter[j]) : T(1);
  for (int64_t t = 0; t < room.chunk; t++) room.sum[t] = 1, room.top[t] = 0, room.log_sum[t] = 0, room.weight[t] = 1;
  for (int64_t l = 0; l < room.depth; l++) append_bias(room.nodes[l], room.weights[l].bias, room.chunk);
  return room;
}

// ---------------------------------------------------------------- theta's layout to packed rows and back

template <class T>
void pack(const Weights<T>& w, const T* theta, T* packed) {
  const T* from = theta + w.offset;
  for (int64_t k = 0; k < w.size(); k++) packed[k] = 0;
  const int64_t step = w.turned ? w.stride : 1;
  for (int64_t i = 0; i < w.rows; i++) {
    T* row = packed + w.at(i, 0);
    for (int64_t j = 0; j < w.n_out; j++) row[j * step] = from[i * w.n_out + j];
  }
}

template <class T>
void unpack(const Weights<T>& w, const T* packed, T* theta) {
  T* to = theta + w.offset;
  const int64_t step = w.turned ? w.stride : 1;
  for (int64_t i = 0; i < w.rows; i++) {
    const T* row = packed + w.at(i, 0);
    for (int64_t j = 0; j < w.n_out; j++) to[i * w.n_out + j] = row[j * step];
  }
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
