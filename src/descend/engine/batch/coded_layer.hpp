// The first layer of a chunk of rows whose inputs come by index, and its gradient, as tasks that a team shares: a field
// to be sorted, a strip of columns to be summed up; on the way back a strip of columns of one field. A chain of
// additions lies within one of them.
#pragma once

#include "batch/coded_backward.hpp"
#include "batch/front_scale.hpp"
#include "batch/gather.hpp"
#include "batch/shares.hpp"

namespace descend {
namespace {

// f(task, member) for all tasks, by the team or one after the other.
template <class F>
void each_task(const Team* team, int64_t tasks, const F& f) {
  if (members_of(team) > 1) return by_team(*team, tasks, f);
  for (int64_t task = 0; task < tasks; task++) f(task, 0);
}

// The numbers of rows `samples`, or of the first rows if that is null, into v_0, behind the front scale if there is
// one.
template <class T>
void gather_numbers(const Room<T>& room, const InputRows<T>& inputs, const uint32_t* samples, int64_t rows) {
  const Nodes<T>& in = room.nodes[0];
  for (int64_t t = 0; t < rows; t++)
    copy_row(inputs.x + (samples ? samples[t] : t) * in.n, in.n, in.v + t * in.v_stride);
  if (room.scaled) scale_inputs(room, in.v, in.v_stride, rows);
}

// s of layer 1.
template <class T>
void coded_layer(const Team* team, const Room<T>& room, const InputRows<T>& inputs, const uint32_t* samples,
                 int64_t rows) {
  const Nodes<T>& in = room.nodes[0];
  each_task(team, room.coded.fields + 1, [&](int64_t task, int) {
    if (task < room.coded.fields) return sort_codes(room.coded, task, inputs, samples, rows);
    gather_numbers(room, inputs, samples, rows);
  });
  const T* x = room.scaled ? room.scaled : in.v;
  const int64_t x_stride = room.scaled ? in.s_stride : in.v_stride;
  each_task(team, column_strips(room), [&](int64_t task, int) { sums_of_strip(room, x, x_stride, rows, task); });
}

// ---------------------------------------------------------------- the way back

// Tasks of W_0 on the way back: numbers and bias row; then strips of fields, or fields where there is a front scale,
// whose sums run along all columns.
template <class T>
int64_t coded_tasks(const Room<T>& room) {
  return room.coded.fields == 0 ? 0 : 1 + room.coded.fields * (room.scaled ? 1 : column_strips(room));
}

// Calls f(field, first strip, last strip + 1) for a task from 1 on.
template <class T, class F>
INLINE void with_coded_task(const Room<T>& room, int64_t task, F f) {
  const int64_t strips = column_strips(room), place = task - 1;
  if (room.scaled) return f(room.coded.by_code[place], 0, strips);
  f(room.coded.by_code[place / strips], place % strips, place % strips + 1);
}

// The gradient into memory; that of ramps in two parts (finish_ramps).
template <class T>
void keep_coded_task(const Room<T>& room, int64_t task, int64_t rows, bool first_chunk) {
  const Weights<T>& w = room.weights[0];
  if (task == 0)
    return each_run_of_rows(room, [&](int64_t first, int64_t place, int64_t count) {
      number_gradient(room, first, place, count, rows, first_chunk, w.gradient + first * w.stride);
    });
  with_coded_task(room, task, [&](const CodedRows<T>& of, int64_t first, int64_t end) {
    keep_field(room, of, first_chunk, first, end);
  });
}

// The last chunk's gradient and the step; `block` has room for `at_once` rows of a gradient.
template <class T, class Row>
void step_coded_task(const Room<T>& room, int64_t task, int64_t rows, bool first_chunk, const PartConstants<T>& k,
                     T* block, int64_t at_once, Row row) {
  const Weights<T>& w = room.weights[0];
  if (task == 0)
    return each_run_of_rows(room, [&](int64_t first, int64_t place, int64_t all) {
      for (int64_t done = 0; done < all; done += at_once) {
        const int64_t count = all - done < at_once ? all - done : at_once;
        number_gradient(room, first + done, place + done, count, rows, first_chunk, block);
        if (room.scaled) through_front_scale(room, first + done, count, block);
        update_rows(w, first + done, count, block, w.W + (first + done) * w.stride, k, row);
      }
    });
  with_coded_task(room, task, [&](const CodedRows<T>& of, int64_t first, int64_t end) {
    step_field(room, of, first_chunk, first, end, k.weights, row);
  });
}

}  // namespace
}  // namespace descend
