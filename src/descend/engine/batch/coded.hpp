// Inputs by index in a chunk of rows: of each field, the rows that have a code, sorted by it.
//
// The layer then walks through the codes of a field, forward from the first to the last (batch/coded_forward.hpp), back
// from the last to the first (batch/coded_backward.hpp): a row of W_0 is read once a chunk, and what ramps sum up along
// the codes stays in registers. Rows of one code are visited as they stand in the batch.
#pragma once

#include "contract/plan.hpp"
#include "numbers/place.hpp"

namespace descend {
namespace {

// The rows of a chunk that have a code of one field, in the order of codes.
template <class T>
struct CodedRows {
  Field field;
  int64_t share;           // place among the fields of ramps
  int64_t there;           // how many
  uint16_t* row;           // (chunk,): which rows
  uint16_t* code;          // their codes
  uint16_t* run;           // where those with the same code begin
  uint16_t *given, *half;  // codes as they come, rows half sorted
  T* factor;               // z of ramps, `value` of one-hot codes
};

template <class T>
struct Coded {
  int64_t fields, ramps;  // 0: the inputs come as they are
  CodedRows<T>* by_code;  // (fields,)
  T* passed;              // (rows of W_0, stride): sums of delta of the chunks before this one, of ramps
  T* scale_sums;          // (rows of W_0, lanes): of the front scale's gradient, unfolded
};

template <class T>
Coded<T> lay_out_coded(const Plan& plan, Place& place, int64_t chunk) {
  const Network& net = plan.network;
  Coded<T> coded{net.n_fields, net.n_ramps, nullptr, nullptr, nullptr};
  coded.by_code = place.take<CodedRows<T>>(net.n_fields);
  int64_t ramps = 0;
  for (int64_t f = 0; f < net.n_fields; f++) {
    CodedRows<T> rows{net.fields[f], ramps, 0, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};
    uint16_t** const parts[] = {&rows.row, &rows.code, &rows.run, &rows.given, &rows.half};
    for (uint16_t** part : parts) *part = place.take<uint16_t>(chunk);
    rows.factor = place.take<T>(chunk);
    place.put(coded.by_code, f, rows);
    ramps += net.fields[f].ramps;
  }
  coded.passed = place.take<T>(net.n_ramps > 0 ? net.n_0 * spread<T>(net.layers[0].n_out) : 0);
  coded.scale_sums = place.take<T>(plan.front_scale ? net.n_0 * static_cast<int64_t>(64 / sizeof(T)) : 0);
  return coded;
}

// How many rows have each value of 8 bits becomes where those of a value begin.
INLINE void begins_of(uint16_t* begin, int64_t most) {
  uint16_t sum = 0;
  for (int64_t d = 0; d <= most; d++) {
    const uint16_t many = begin[d];
    begin[d] = sum;
    sum = static_cast<uint16_t>(sum + many);
  }
}

// Rows sorted by the upper 8 bits of their codes, those of one value by the lower 8, else as they come.
inline void sort_by_two_bytes(const uint16_t* code, int64_t most, int64_t rows, uint16_t* half, uint16_t* to) {
  uint16_t low[256] = {}, high[256] = {};
  for (int64_t t = 0; t < rows; t++) low[code[t] & 255]++, high[code[t] >> 8]++;
  begins_of(low, 255), begins_of(high, most >> 8);
  for (int64_t t = 0; t < rows; t++) half[low[code[t] & 255]++] = static_cast<uint16_t>(t);
  for (int64_t k = 0; k < rows; k++) to[high[code[half[k]] >> 8]++] = half[k];
}

inline void sort_by_a_byte(const uint16_t* code, int64_t most, int64_t rows, uint16_t* to) {
  uint16_t begin[256] = {};
  for (int64_t t = 0; t < rows; t++) begin[code[t]]++;
  begins_of(begin, most);
  for (int64_t t = 0; t < rows; t++) to[begin[code[t]]++] = static_cast<uint16_t>(t);
}

// Rows of a chunk by the code of a field. `count`, the code that says none, is the largest, so those come last.
template <class T>
void sort_field(CodedRows<T>& of, int64_t rows) {
  const int64_t count = of.field.count;
  const uint16_t* const code = of.given;
  if (count < 256)
    sort_by_a_byte(code, count, rows, of.row);
  else
    sort_by_two_bytes(code, count, rows, of.half, of.row);
  int64_t k = 0;
  uint16_t run = 0;
  for (int64_t last = -1; k < rows; k++) {
    const uint16_t own = code[of.row[k]];
    if (own == count) break;
    run = own == last ? run : static_cast<uint16_t>(k), last = own;
    of.code[k] = own, of.run[k] = run;
  }
  of.there = k;
}

// Codes and shares of field f of rows `samples` of all that is given, or of the first rows if that is null. A code
// beyond `count` can only be one that somebody wrote there meanwhile; it says none.
template <class T>
void sort_codes(const Coded<T>& coded, int64_t f, const InputRows<T>& inputs, const uint32_t* samples, int64_t rows) {
  CodedRows<T>& of = coded.by_code[f];
  const auto none = static_cast<uint16_t>(of.field.count);
  const uint16_t* const codes = inputs.codes + f;
  for (int64_t t = 0; t < rows; t++) {
    const uint16_t code = codes[(samples ? samples[t] : t) * coded.fields];
    of.given[t] = code < none ? code : none;
  }
  sort_field(of, rows);
  if (of.field.ramps) {
    const T* const shares = inputs.shares + of.share;
    for (int64_t k = 0; k < of.there; k++)
      of.factor[k] = shares[(samples ? samples[of.row[k]] : of.row[k]) * coded.ramps];
  } else {
    const auto value = static_cast<T>(inputs.values ? inputs.values[f] : of.field.value);
    for (int64_t k = 0; k < of.there; k++) of.factor[k] = value;
  }
}

// Calls f(column, place, count) for each run of neighbouring columns that no field covers, count 0 included: the first
// column, where its number stands among the numbers, how many. One run stands before each field, one after the last.
template <class T, class F>
INLINE void each_run_of_numbers(const Coded<T>& coded, int64_t n_in, int64_t n_x, F f) {
  int64_t column = 0, place = 0;
  for (int64_t k = 0; k <= coded.fields; k++) {
    const bool last = k == coded.fields;
    const int64_t next = last ? n_x : coded.by_code[k].field.numbers;
    f(column, place, next - place);
    column = last ? n_in : coded.by_code[k].field.first + coded.by_code[k].field.count, place = next;
  }
}

}  // namespace
}  // namespace descend
