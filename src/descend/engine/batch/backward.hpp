// Back-propagation of a chunk of rows, the mirror of batch/forward.hpp; above each step the forward step that it
// differentiates.
//
//   delta_d = dL/dv_d * sigma'(s_d);  dL_dW_l = v_l delta_(l+1)^T;  delta_l = (W~_l delta_(l+1)) * sigma'(s_l), l = d-1
//   ... 0
#pragma once

#include "batch/forward.hpp"

namespace descend {
namespace {

// forward: v = sigma(s).  delta[t, j] = dL_dv[t, j] sigma'(s[t, j]), in place
template <class T>
void through_activation(Activation sigma, bool straight_through, const Nodes<T>& nodes, int64_t rows) {
  using V = typename LanesOf<T>::V;
  with_activation(sigma, straight_through, [&](auto row) {
    const int64_t lines = nodes.lines(rows), length = nodes.line_length(rows);
    for (int64_t k = 0; k < lines; k++) {
      const T *s = nodes.s + k * nodes.s_stride, *v = nodes.v + k * nodes.v_stride;
      T* delta = nodes.delta + k * nodes.s_stride;
      for (int64_t j = 0; j < length; j += V::COUNT)
        (V::load(delta + j) * row.derivative(V::load(s + j), V::load(v + j))).store(delta + j);
    }
  });
}

// forward: L of v_d = sigma(s_d).  delta_d
template <class T>
void output_delta(const Room<T>& room, const Network& net, int64_t rows) {
  const Nodes<T>& out = room.nodes[room.depth];
  const Activation sigma = room.weights[room.depth - 1].sigma;
  with_loss(net.loss, sigma, [&](auto row) {
    first_deltas(room, out, rows, row);
    if constexpr (!decltype(row)::FUSED) through_activation(sigma, net.straight_through, out, rows);
  });
  if (out.turned) return;
  for (int64_t t = 0; t < rows; t++)
    for (int64_t j = out.n; j < out.s_stride; j++) out.delta[t * out.s_stride + j] = 0;
}

// forward: s_(l+1) = W^T v_l.  Rows first ... first + count - 1 of the packed gradient, going on from the chunk before:
// dL_dW[i, j] = sum_t v[t, i] delta[t, j]
template <class T>
void weight_gradient(const Weights<T>& w, const Nodes<T>& from, const Nodes<T>& to, int64_t rows, bool first_chunk,
                     int64_t first, int64_t count, T* gradient) {
  const Start<T> start{first_chunk ? Start<T>::NUMBER : Start<T>::MATRIX, w.gradient + first * w.stride, w.stride,
                       T(0)};
  if (w.turned)
    multiply<T>({to.delta + first * to.s_stride, to.s_stride, 1, from.v, from.v_stride, gradient, w.stride, count,
                 w.stride, rows, start});
  else
    multiply<T>({from.v + first, 1, from.v_stride, to.delta, to.s_stride, gradient, w.stride, count, padded<T>(w.n_out),
                 rows, start});
}

// forward: s_(l+1) = W^T v_l.  dL_dv[t, i] = sum_j W[i, j] delta[t, j]; -0 makes the first term a plain product
template <class T>
void through_weights(const Weights<T>& w, const Nodes<T>& from, const Nodes<T>& to, int64_t rows) {
  const Start<T> start{Start<T>::NUMBER, nullptr, 0, T(-0.0)};
  const int64_t columns = padded<T>(w.n_in);
  if (w.turned)
    multiply<T>({to.delta, 1, to.s_stride, w.W, w.stride, from.delta, from.s_stride, rows, columns, w.n_out, start});
  else
    multiply<T>({to.delta, to.s_stride, 1, w.transposed, w.transposed_stride, from.delta, from.s_stride, rows, columns,
                 w.n_out, start});
}

template <class T>
void transpose_weights(const Weights<T>& w) {
  if (!w.turned) transpose(w.W, w.stride, w.n_in, w.n_out, w.transposed, w.transposed_stride, w.transposed_stride);
}

// forward: both.  delta of the layer below
template <class T>
void back_to(Activation sigma, bool straight_through, const Weights<T>& w, const Nodes<T>& from, const Nodes<T>& to,
             int64_t rows) {
  if constexpr (HAS_SPECIAL_WIDTHS)
    if (w.turned && has_few_outputs(w.n_out)) return few_back(w, sigma, straight_through, from, to, rows);
  through_weights(w, from, to, rows);
  through_activation(sigma, straight_through, from, rows);
}

template <class T>
void back_to_dropped(Activation sigma, bool straight_through, const Weights<T>& w, const Nodes<T>& from,
                     const Nodes<T>& to, int64_t rows) {
  through_weights(w, from, to, rows);
  through_activation(sigma, straight_through, through_dropout(from, rows), rows);
}

// forward: all of layer l+1 from layer l, l > 0.  delta of layer l
template <class T>
void delta_below(const Room<T>& room, const Network& net, int64_t l, int64_t rows) {
  const Activation sigma = room.weights[l - 1].sigma;
  const auto& through = room.dropping.on ? back_to_dropped<T> : back_to<T>;
  through(sigma, net.straight_through, room.weights[l], room.nodes[l], room.nodes[l + 1], rows);
}

// What becomes of a chunk's gradient: it goes into memory, for the next chunk or for the caller.
template <class T>
struct KeepGradient {
  INLINE void operator()(const Weights<T>& w, const Nodes<T>& from, const Nodes<T>& to, int64_t rows,
                         bool first_chunk) const {
    weight_gradient(w, from, to, rows, first_chunk, 0, w.packed_rows(), w.gradient);
  }
  INLINE void take(const Weights<T>&) const {}
};

// All layers, from delta_d down. `use` is given the gradient of W_l when W_l is needed no more: to compute, or to take
// from memory. That of inputs by index is left to batch/coded_layer.hpp.
template <class T, class Use>
void backward(const Room<T>& room, const Network& net, int64_t rows, bool first_chunk, const Use& use) {
  if constexpr (has_shallow(PIECES))
    if (room.shallow) {
      shallow_gradients(room, rows, first_chunk);
      use.take(room.weights[1]), use.take(room.weights[0]);
      return;
    }
  for (int64_t l = room.depth - 1; l >= 0; l--) {
    const Weights<T>& w = room.weights[l];
    const Nodes<T>&from = room.nodes[l], &to = room.nodes[l + 1];
    if (l > 0) {
      if (first_chunk) transpose_weights(w);
      delta_below(room, net, l, rows);
    }
    if (l > 0 || room.coded.fields == 0) use(w, from, to, rows, first_chunk);
  }
}

}  // namespace
}  // namespace descend
