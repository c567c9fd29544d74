// Dropout in the twin: the masks of one sample, all 1 outside training.
#pragma once

#include <cstddef>
#include <vector>

#include "contract/order.hpp"
#include "contract/run.hpp"
#include "contract/state.hpp"

namespace descend {
namespace {

template <class T>
struct TwinMasks {
  std::vector<std::vector<T>> mask;  // layers 0 ... d

  void add_layer(size_t n) { mask.emplace_back(n, T(1)); }

  T times(int64_t l, int64_t j, T value) const { return mask[l][j] == T(0) ? T(0) : mask[l][j] * value; }

  // Of the sample at `position` of the batch of the round that the state has come to.
  void draw(const Plan& plan, const Task& task, const State<T>& state, int64_t position) {
    const int64_t round = state.counters[C_ROUND];
    const uint64_t key = epoch_key(static_cast<uint64_t>(state.counters[C_DROPOUT_SEED]), round);
    for (int64_t l = 1; l < plan.network.depth; l++) {
      const double share = plan.network.layers[l - 1].dropout * at_round(task.dropout, task, round);
      const uint64_t nodes = dropout_key(key, position, l);
      for (size_t j = 0; j < mask[l].size(); j++)
        mask[l][j] = dropout_bits(nodes, j) < drop_below(share) ? T(0) : T(1.0 / (1.0 - share));
    }
  }

  void clear() {
    for (std::vector<T>& one : mask) one.assign(one.size(), T(1));
  }
};

}  // namespace
}  // namespace descend
