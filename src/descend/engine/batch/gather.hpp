// Rows of the data into a chunk.
#pragma once

#include "batch/room.hpp"

namespace descend {
namespace {

// BYTES from the start and BYTES up to the end: a row of as many to twice as many.
template <int BYTES, class T>
INLINE void copy_ends(const T* from, int64_t n, T* to) {
  constexpr int64_t FEW = BYTES / sizeof(T);
  __builtin_memcpy(to, from, BYTES);
  __builtin_memcpy(to + n - FEW, from + n - FEW, BYTES);
}

template <class T>
INLINE void copy_row(const T* from, int64_t n, T* to) {
  constexpr int64_t MANY = 64 / sizeof(T);
  if (n < MANY / 4) {
    for (int64_t j = 0; j < n; j++) to[j] = from[j];
  } else if (n <= MANY / 2) {
    copy_ends<16>(from, n, to);
  } else if (n <= MANY) {
    copy_ends<32>(from, n, to);
  } else {
    for (int64_t j = 0; j < n - MANY; j += MANY) __builtin_memcpy(to + j, from + j, 64);
    __builtin_memcpy(to + n - MANY, from + n - MANY, 64);
  }
}

// Targets of a row, filled up with zeros.
template <class T>
INLINE void copy_target(const Room<T>& room, const T* Y, int64_t row, int64_t t) {
  const Nodes<T>& out = room.nodes[room.depth];
  if (out.turned) {
    for (int64_t j = 0; j < out.n; j++) room.y[j * out.s_stride + t] = Y[row * out.n + j];
    return;
  }
  T* y = room.y + t * out.s_stride;
  copy_row(Y + row * out.n, out.n, y);
  for (int64_t j = out.n; j < out.s_stride; j++) y[j] = 0;
}

// Samples of a batch: inputs (but those by index, batch/coded_layer.hpp), targets, weights.
template <class T>
void gather(const Room<T>& room, const Data<T>& data, const uint32_t* samples, int64_t rows) {
  const Nodes<T>& in = room.nodes[0];
  for (int64_t t = 0; t < rows && room.coded.fields == 0; t++)
    copy_row(data.X + samples[t] * in.n, in.n, in.v + t * in.v_stride);
  for (int64_t t = 0; t < rows; t++) copy_target(room, data.Y, samples[t], t);
  for (int64_t t = 0; t < rows && data.sample_weight; t++) room.weight[t] = data.sample_weight[samples[t]];
}

// Asks for the lines of memory in which `count` numbers lie.
template <class X>
INLINE void fetch_lines(const X* at, int64_t count) {
  constexpr int64_t LINE = 64 / sizeof(X);
  for (int64_t j = 0; j < count; j += LINE) __builtin_prefetch(at + j);
  if (count > 0) __builtin_prefetch(at + count - 1);
}

// Asks for part `part` of `parts` of the lines of memory that some samples lie in, before they are gathered.
template <class T>
INLINE void fetch_ahead(const Data<T>& data, const Network& net, const uint32_t* samples, int64_t rows, int64_t part,
                        int64_t parts) {
  for (int64_t t = rows * part / parts; t < rows * (part + 1) / parts; t++) {
    const InputRows<T> row = inputs_from(net, training_inputs(data), samples[t]);
    fetch_lines(row.x, numbers_of(net));
    fetch_lines(row.codes, net.n_fields), fetch_lines(row.shares, net.n_ramps);
    __builtin_prefetch(data.Y + samples[t] * net.n_d);
  }
}

}  // namespace
}  // namespace descend
