// Inputs by index, as plain data: where most inputs of a layer are 0, a sample is a few numbers at fixed places, and
// entries. An entry is a row of the weights and what it is multiplied by.
#pragma once

#include <cstdint>

#include "contract/plan.hpp"

namespace descend {

// Layer 0 of a network with such inputs.
template <class T>
struct IndexedLayer {
  int64_t n_x, n_rows, n_out;  // numbers at fixed places; rows of W; nodes
  int64_t stride;              // from one row to the next: n_out, up to whole lines of 64 bytes
  const T* W;                  // (n_rows, stride), 64-byte aligned; the first n_x rows are those of the numbers
  const T* bias;               // (stride,): c W[bias], or zeros
  Activation sigma;            // not softmax
};

// Samples as it sees them; 0 <= place < n_rows.
template <class T>
struct IndexedRows {
  int64_t rows, entries;  // entries of each row
  const T* x;             // (rows, n_x)
  const int32_t* place;   // (rows, entries)
  const T* factor;        // (rows, entries)
};

}  // namespace descend
