// The front scale of a chunk of rows: v_0 = scale * x, one learnt number for each input. It is the last of the room's
// weights, one row of n_0.
//
// With G[i, j] = sum_t x[t, i] delta_1[t, j] both gradients are at hand, and no delta of the inputs is needed:
//
//   dL_dW_0[i, j] = scale[i] G[i, j]          dL_dscale[i] = sum_j W_0[i, j] G[i, j]
#pragma once

#include "batch/room.hpp"
#include "numbers/fold.hpp"

namespace descend {
namespace {

// v_0[t, i] = scale[i] x[t, i]; x itself stays. Of inputs by index the numbers; the sums scale the others.
template <class T>
void scale_inputs(const Room<T>& room, const T* x, int64_t x_stride, int64_t rows) {
  const Nodes<T>& in = room.nodes[0];
  const T* scale = room.weights[room.depth].W;
  const auto scale_columns = [&](int64_t column, int64_t place, int64_t count) {
    for (int64_t t = 0; t < rows; t++)
      for (int64_t i = 0; i < count; i++)
        room.scaled[t * in.s_stride + place + i] = scale[column + i] * x[t * x_stride + place + i];
  };
  if (room.coded.fields == 0) return scale_columns(0, 0, in.n);
  each_run_of_numbers(room.coded, room.weights[0].n_in, in.n, scale_columns);
}

// `g`: rows first ... first + count - 1 of G, packed as W_0 is; the bias row, which nothing scales, may be the last. It
// becomes dL_dW_0. Lanes behind the last output may hold anything.
template <class T>
void through_front_scale(const Room<T>& room, int64_t first, int64_t count, T* g) {
  using V = typename LanesOf<T>::V;
  const Weights<T>&w = room.weights[0], &scale = room.weights[room.depth];
  const int64_t last = first + count < w.n_in ? first + count : w.n_in, end = padded<T>(w.n_out) - V::COUNT;
  alignas(64) T lane[V::COUNT];
  for (int k = 0; k < V::COUNT; k++) lane[k] = static_cast<T>(k);
  const auto inside = V::load(lane) < V::all(static_cast<T>(w.n_out - end));
  const V zero = V::all(0);
  for (int64_t i = first; i < last; i++, g += w.stride) {
    const T* row = w.W + i * w.stride;
    const V factor = V::all(scale.W[i]);
    V sum = zero;
    for (int64_t j = 0; j < end; j += V::COUNT) {
      const V one = V::load(g + j);
      sum = fma(V::load(row + j), one, sum);
      (factor * one).store(g + j);
    }
    const V one = V::load(g + end);
    sum = fma(select(inside, V::load(row + end), zero), select(inside, one, zero), sum);
    (factor * one).store(g + end);
    scale.gradient[i] = fold(sum);
  }
}

}  // namespace
}  // namespace descend
