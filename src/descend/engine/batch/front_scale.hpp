// The front scale of a chunk of rows: v_0 = scale * x, one learnt number for each input. It is the last of the room's
// weights, one row of n_0.
#pragma once

#include "batch/room.hpp"

namespace descend {
namespace {

// v_0[t, i] = scale[i] x[t, i]; x is kept beside it
template <class T>
void scale_inputs(const Room<T>& room, int64_t rows) {
  const Nodes<T>& in = room.nodes[0];
  const T* scale = room.weights[room.depth].W;
  for (int64_t t = 0; t < rows; t++) {
    T *v = in.v + t * in.v_stride, *x = room.x + t * in.s_stride;
    for (int64_t i = 0; i < in.n; i++) {
      x[i] = v[i];
      v[i] = scale[i] * v[i];
    }
    for (int64_t i = in.n; i < padded<T>(in.n); i++) x[i] = 0;
  }
}

// forward: v_0 = scale * x.  dL_dscale[i] = sum_t x[t, i] dL_dv_0[t, i], going on from the chunk before
template <class T>
void front_scale_gradient(const Room<T>& room, int64_t rows, bool first_chunk) {
  using V = typename LanesOf<T>::V;
  const Nodes<T>& in = room.nodes[0];
  T* gradient = room.weights[room.depth].gradient;
  for (int64_t i = 0; i < in.n; i += V::COUNT) {
    V sum = first_chunk ? V::all(0) : V::load(gradient + i);
    for (int64_t t = 0; t < rows; t++)
      sum = fma(V::load(room.x + t * in.s_stride + i), V::load(in.delta + t * in.s_stride + i), sum);
    sum.store(gradient + i);
  }
}

}  // namespace
}  // namespace descend
