// The first layer of rows whose inputs come by index (contract/indexed.hpp), one number at a time.
#pragma once

#include <cmath>

#include "contract/indexed.hpp"
#include "numbers/activations.hpp"

namespace descend {
namespace {

// s_j = bias_j + sum_i x_i W[i, j] + sum_e factor_e W[place_e, j]
template <class T>
void indexed_layer(const IndexedLayer<T>& layer, const IndexedRows<T>& given, T*, T* v) {
  for (int64_t t = 0; t < given.rows; t++)
    for (int64_t j = 0; j < layer.n_out; j++) {
      T a = layer.bias[j];
      for (int64_t i = 0; i < layer.n_x; i++)
        a = std::fma(given.x[t * layer.n_x + i], layer.W[i * layer.stride + j], a);
      for (int64_t e = t * given.entries; e < (t + 1) * given.entries; e++)
        a = std::fma(given.factor[e], layer.W[given.place[e] * layer.stride + j], a);
      with_activation(layer.sigma, false, [&](auto row) { v[t * layer.n_out + j] = row.value(One<T>{a}).x; });
    }
}

}  // namespace
}  // namespace descend
