// Dropout of a chunk of rows: a node keeps its value times 1 / (1 - p), or is 0 for this sample in this round. Which
// ones is a function of the restart's seed, the round, the sample's place in the batch, layer and node
// (contract/order.hpp), so it does not depend on chunks, threads or lanes.
#pragma once

#include "batch/room.hpp"
#include "contract/order.hpp"

namespace descend {
namespace {

// Shares of the round that comes: p = dropout * dropout_t
template <class T>
void begin_dropout(Room<T>& room, const Plan& plan, uint64_t seed, int64_t round, double factor) {
  room.dropping = {false, epoch_key(seed, round), 0};
  for (int64_t l = 1; l < room.depth; l++) {
    const double share = plan.network.layers[l - 1].dropout * factor;
    Nodes<T>& nodes = room.nodes[l];
    nodes.drop_below = drop_below(share);
    nodes.kept = static_cast<T>(1.0 / (1.0 - share));
    room.dropping.on |= nodes.drop_below > 0;
  }
}

// 0 or `kept` for each of n nodes, and 0 for what fills the row up.
template <class T>
void draw_mask(uint64_t key, uint64_t below, T kept, int64_t n, T* mask) {
  constexpr int64_t PIECE = 64;
  int32_t bits[PIECE];
  const int32_t limit = static_cast<int32_t>(below);  // at most 2^24
  for (int64_t start = 0; start < n; start += PIECE) {
    const int64_t count = n - start < PIECE ? n - start : PIECE;
    for (int64_t j = 0; j < (count + 15) / 16 * 16; j++)
      bits[j] = static_cast<int32_t>(dropout_bits(key, static_cast<uint64_t>(start + j)));
    for (int64_t j = 0; j < count; j++) mask[start + j] = bits[j] < limit ? T(0) : kept;
  }
  for (int64_t j = n; j < padded<T>(n); j++) mask[j] = 0;
}

// v[t, j] = mask[t, j] v[t, j], exactly 0 where mask is
template <class T>
INLINE void mask_row(const T* mask, int64_t n, T* v) {
  using V = typename LanesOf<T>::V;
  for (int64_t j = 0; j < n; j += V::COUNT) {
    const V m = V::load(mask + j);
    select(m > V::all(0), m * V::load(v + j), V::all(0)).store(v + j);
  }
}

// Layer l of the chunk; sigma(s) is kept beside it, for the derivatives are taken there.
template <class T>
void drop(const Room<T>& room, int64_t l, int64_t rows) {
  const Nodes<T>& nodes = room.nodes[l];
  if (nodes.drop_below == 0) return;
  for (int64_t t = 0; t < rows; t++) {
    const uint64_t key = dropout_key(room.dropping.key, room.dropping.first + t, l);
    T *v = nodes.v + t * nodes.v_stride, *mask = nodes.mask + t * nodes.s_stride;
    T* whole = nodes.whole + t * nodes.s_stride;
    draw_mask(key, nodes.drop_below, nodes.kept, nodes.n, mask);
    for (int64_t j = 0; j < nodes.n; j++) whole[j] = v[j];
    mask_row(mask, nodes.n, v);
  }
}

// forward: v = mask * sigma(s).  dL_dv *= mask; returns the layer with sigma(s) for v, where the derivatives are taken
template <class T>
Nodes<T> through_dropout(const Nodes<T>& nodes, int64_t rows) {
  Nodes<T> undropped = nodes;
  if (nodes.drop_below == 0) return undropped;
  for (int64_t t = 0; t < rows; t++)
    mask_row(nodes.mask + t * nodes.s_stride, nodes.n, nodes.delta + t * nodes.s_stride);
  undropped.v = nodes.whole, undropped.v_stride = nodes.s_stride;
  return undropped;
}

}  // namespace
}  // namespace descend
