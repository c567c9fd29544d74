// The gradient of a first layer whose inputs come by index, the mirror of batch/coded_forward.hpp, and the step of its
// weights: a row's gradient goes from registers through the optimiser, but for chunks that others follow.
//
// forward, from the first code up:  s[t] += P[b], P[b + 1] = P[b] + W[b];  s[t] = fma(z[t], W[b], s[t])
// back, from the last code down:    G[b] = sum of z[t] delta[t] + S,  S += sum of delta[t], t the rows with code b
#pragma once

#include "batch/coded_forward.hpp"
#include "batch/optimisers.hpp"
#include "numbers/fold.hpp"

namespace descend {
namespace {

// Where a strip of one field's part of W_0 lies: its first row, its column, and whether earlier chunks of the batch
// left their sums in memory.
template <class T>
struct CodedStrip {
  const Room<T>& room;
  const CodedRows<T>& of;
  const T* delta;  // of layer 1, at the column
  int64_t delta_stride, column;
  bool first_chunk;

  // Of code b.
  int64_t at(int64_t b) const { return (of.field.first + b) * room.weights[0].stride + column; }
};

// Calls use(b, own, passed) for the codes from the last down: own, the sum of factor[t] delta[t] over the rows of code
// b, and passed, that of delta[t], of ramps. `few`: only for one-hot codes that a row has.
template <class V, int WIDE, bool RAMPS, class Use>
INLINE void walk_back(const CodedStrip<typename V::T>& strip, bool few, const Use& use) {
  using T = typename V::T;
  const CodedRows<T>& of = strip.of;
  const T *const kept = strip.room.weights[0].gradient, *const kept_passed = strip.room.coded.passed;
  for (int64_t b = of.field.count - 1, end = of.there; b >= 0; b--) {
    if (few && end == 0) return;
    if (few) b = of.code[end - 1];
    V own[WIDE], passed[WIDE];
#pragma GCC unroll 4
    for (int w = 0; w < WIDE; w++) {
      own[w] = strip.first_chunk ? V::all(0) : V::load(kept + strip.at(b) + w * V::COUNT);
      if constexpr (RAMPS)
        passed[w] = strip.first_chunk ? V::all(0) : V::load(kept_passed + strip.at(b) + w * V::COUNT);
    }
    const int64_t begin = end > 0 && of.code[end - 1] == b ? of.run[end - 1] : end;
    for (int64_t k = begin; k < end; k++) {
      const T* delta = strip.delta + of.row[k] * strip.delta_stride;
      const V factor = V::all(of.factor[k]);
#pragma GCC unroll 4
      for (int w = 0; w < WIDE; w++) {
        const V one = V::load(delta + w * V::COUNT);
        own[w] = fma(factor, one, own[w]);
        if constexpr (RAMPS) passed[w] = passed[w] + one;
      }
    }
    end = begin;
    use(b, own, passed);
  }
}

// Sums of a chunk, kept for the next or for the caller.
template <class V, int WIDE, bool RAMPS>
void keep_strip(const CodedStrip<typename V::T>& strip) {
  auto *const gradient = strip.room.weights[0].gradient, *const kept = strip.room.coded.passed;
  walk_back<V, WIDE, RAMPS>(strip, false, [&](int64_t b, const V(&own)[WIDE], const V(&passed)[WIDE]) {
#pragma GCC unroll 4
    for (int w = 0; w < WIDE; w++) {
      own[w].store(gradient + strip.at(b) + w * V::COUNT);
      if constexpr (RAMPS) passed[w].store(kept + strip.at(b) + w * V::COUNT);
    }
  });
}

// Lanes of columns that are outputs, from `column` on; the others, which may hold anything, are 0.
template <class V>
INLINE V outputs_only(V lanes, int64_t n_out, int64_t column) {
  if (column + V::COUNT <= n_out) return lanes;
  alignas(64) typename V::T each[V::COUNT];
  lanes.store(each);
  for (int64_t k = n_out - column; k < V::COUNT; k++) each[k] = 0;
  return V::load(each);
}

// dL_dW = scale G of a row's Lanes from `column` on; W G is added to the lanes that become dL_dscale.
template <class V>
INLINE V through_scale(const Room<typename V::T>& room, int64_t row, int64_t column, V g, V& sum) {
  const auto& w = room.weights[0];
  const V own = V::load(w.W + row * w.stride + column);
  sum = fma(outputs_only(own, w.n_out, column), outputs_only(g, w.n_out, column), sum);
  return V::all(room.weights[room.depth].W[row]) * g;
}

// The last chunk's gradient, through the optimiser.
template <class V, int WIDE, bool RAMPS, class Row>
void step_strip(const CodedStrip<typename V::T>& given, const RoundConstants<typename V::T>& constants, Row row) {
  using T = typename V::T;
  const auto strip = given;  // nothing that is stored can be a part of these
  const auto k = constants;
  const auto& room = strip.room;
  const bool scaled = room.scaled != nullptr;
  // a gradient of 0 is no step of SGD
  const bool few = !RAMPS && Row::MOMENTS == 0 && strip.first_chunk && !scaled && !changes(k);
  V sum[WIDE];
#pragma GCC unroll 4
  for (int w = 0; w < WIDE; w++) sum[w] = V::all(0);
  walk_back<V, WIDE, RAMPS>(strip, few, [&](int64_t b, const V(&own)[WIDE], const V(&passed)[WIDE]) {
    const int64_t at = strip.at(b), i = strip.of.field.first + b;
    T* const W = room.weights[0].W + at;
    T* const scale_sum = room.coded.scale_sums + (scaled ? i * V::COUNT : 0);
    V along = scaled && strip.column > 0 ? V::load(scale_sum) : V::all(0);
#pragma GCC unroll 4
    for (int w = 0; w < WIDE; w++) {
      V g = own[w];
      if constexpr (RAMPS) g = g + sum[w], sum[w] = sum[w] + passed[w];
      if (scaled) g = through_scale(room, i, strip.column + w * V::COUNT, g, along);
      step_lanes<true>(room.weights[0], at + w * V::COUNT, g, W + w * V::COUNT, k, row);
    }
    if (scaled) along.store(scale_sum);
  });
}

// Calls f with strips first ... end - 1 of one field, and their width as a type.
template <class T, class F>
INLINE void each_column_strip(const Room<T>& room, const CodedRows<T>& of, bool first_chunk, int64_t first, int64_t end,
                              F f) {
  using V = typename LanesOf<T>::V;
  const Nodes<T>& to = room.nodes[1];
  const int64_t columns = padded<T>(room.weights[0].n_out), asked = end * STRIP * V::COUNT;
  const int64_t last = asked < columns ? asked : columns;
  int64_t j = first * STRIP * V::COUNT;
  for (; j + STRIP * V::COUNT <= last; j += STRIP * V::COUNT)
    f(CodedStrip<T>{room, of, to.delta + j, to.s_stride, j, first_chunk}, Count<STRIP>{});
  for (; j < last; j += V::COUNT) f(CodedStrip<T>{room, of, to.delta + j, to.s_stride, j, first_chunk}, Count<1>{});
}

template <class T>
void keep_field(const Room<T>& room, const CodedRows<T>& of, bool first_chunk, int64_t first, int64_t end) {
  using V = typename LanesOf<T>::V;
  each_column_strip(room, of, first_chunk, first, end, [&](const CodedStrip<T>& strip, auto wide) {
    constexpr int WIDE = decltype(wide)::VALUE;
    of.field.ramps ? keep_strip<V, WIDE, true>(strip) : keep_strip<V, WIDE, false>(strip);
  });
}

// With a front scale, of all strips.
template <class T, class Row>
void step_field(const Room<T>& room, const CodedRows<T>& of, bool first_chunk, int64_t first, int64_t end,
                const RoundConstants<T>& k, Row row) {
  using V = typename LanesOf<T>::V;
  each_column_strip(room, of, first_chunk, first, end, [&](const CodedStrip<T>& strip, auto wide) {
    constexpr int WIDE = decltype(wide)::VALUE;
    of.field.ramps ? step_strip<V, WIDE, true>(strip, k, row) : step_strip<V, WIDE, false>(strip, k, row);
  });
  const int64_t from = of.field.first, to = from + of.field.count;
  for (int64_t i = from; i < to && room.scaled; i++)
    room.weights[room.depth].gradient[i] = fold(V::load(room.coded.scale_sums + i * V::COUNT));
}

// Rows first ... first + count - 1 of dL_dW_0 that belong to numbers, or to the bias node: those at `place` of v_0.
template <class T>
void number_gradient(const Room<T>& room, int64_t first, int64_t place, int64_t count, int64_t rows, bool first_chunk,
                     T* gradient) {
  if (count == 0) return;
  const Weights<T>& w = room.weights[0];
  const Nodes<T>&from = room.nodes[0], &to = room.nodes[1];
  const Start<T> start{first_chunk ? Start<T>::NUMBER : Start<T>::MATRIX, w.gradient + first * w.stride, w.stride,
                       T(0)};
  multiply<T>({from.v + place, 1, from.v_stride, to.delta, to.s_stride, gradient, w.stride, count, padded<T>(w.n_out),
               rows, start});
}

// Calls f(first, place, count) for the rows of W_0 that no field covers, the bias row too.
template <class T, class F>
INLINE void each_run_of_rows(const Room<T>& room, F f) {
  const Weights<T>& w = room.weights[0];
  const int64_t n_x = room.nodes[0].n;
  each_run_of_numbers(room.coded, w.n_in, n_x, f);
  f(w.n_in, n_x, w.rows - w.n_in);
}

// Of ramps, after the last chunk: from sums of each code to sums from each code on.
template <class T>
void finish_ramps(const Room<T>& room) {
  const Weights<T>& w = room.weights[0];
  for (int64_t f = 0; f < room.coded.fields; f++) {
    const Field& field = room.coded.by_code[f].field;
    for (int64_t j = 0; j < w.n_out && field.ramps; j++) {
      T sum = 0;
      for (int64_t i = field.first + field.count - 1; i >= field.first; i--) {
        w.gradient[i * w.stride + j] += sum;
        sum += room.coded.passed[i * w.stride + j];
      }
    }
  }
}

}  // namespace
}  // namespace descend
