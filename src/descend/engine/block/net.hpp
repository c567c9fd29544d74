// One network that learns one sample at a time, layer 0 in blocks: the same algorithm as single/net.hpp, up to
// rounding. A stop is answered between blocks.
#pragma once

#include "block/layer_0.hpp"
#include "single/net.hpp"

namespace descend {
namespace {

template <class T, class Step, class BiasStep>
struct BlockNet : SingleNet<T, Step, BiasStep> {
  using Single = SingleNet<T, Step, BiasStep>;
  BlockRoom<T> block;

  BlockNet(const Plan& p, const Data<T>& d, const State<T>& s, const BlockRoom<T>& b, const VectorNet<T>& looker)
      : Single{p, d, s, b.single, looker}, block(b) {}

  // Round t of the block; false, and no step, if the loss is not finite.
  bool one_round(int64_t row, int64_t t, const StepConstants<T>& k, double& epoch_loss) {
    using V = typename LanesOf<T>::V;
    const Plan& plan = Single::plan;
    const SingleRoom<T>& room = Single::room;
    const T weight = Single::data.sample_weight ? Single::data.sample_weight[row] : T(1);
    take_target(room, Single::data.Y + row * plan.network.n_d);
    block_sums<V, TILE_LINES<1, false>>(block, t, 0);
    const T log_sum = single_onward(room);
    const T loss = single_output_loss(room, plan.network, log_sum, k.scale * weight);
    epoch_loss = epoch_loss + static_cast<double>(weight) * static_cast<double>(loss);
    if (!__builtin_isfinite(epoch_loss)) return false;
    for (int64_t l = room.depth - 1; l > 0; l--)
      back_through<Step, BiasStep>(room.layers[l], room.layers[l - 1], k, plan.network.straight_through);
    for (int64_t j = 0; j < block.stride; j += V::COUNT)
      V::load(room.layers[0].d + j).store(block.d + t * block.stride + j);
    return true;
  }

  // One block of n rounds from `first`; returns how many were done.
  int64_t one_block(const Task& task, const uint32_t* samples, int64_t first, int64_t n, double& epoch_loss) {
    const Plan& plan = Single::plan;
    const bool plain = is_plain_block(plan), has_velocity = Step::MOMENTS > 0;
    const SingleLayer<T>& w = block.single.layers[0];
    const double factor = Single::state.scalars[S_LEARNING_RATE_FACTOR];
    for (int64_t t = 0; t < n; t++) block.etas[t] = learning_rate(task, first + t, factor);
    if (!plain) block.weights.compute(plan, block.etas, n, plan.l2), block.biases.compute(plan, block.etas, n, 0.0);
    gather_block(block, Single::data.X, plan.network.n_0, samples, n);
    block_product(block, w.weights.w, n, block.sums);
    if (has_velocity) block_product(block, w.weights.m, n, block.velocity_sums);
    start_sums(block, n, plain, has_velocity);
    gram_matrix(block, n);
    weigh_gram(block, n, plain);
    const int64_t left = block.single.order + plan.rows - (samples + n), next = left < n ? left : n;
    int64_t t = 0;
    while (t < n && one_round(samples[t], t, Single::schedule.at(block.etas[t], first + t), epoch_loss)) {
      fetch_ahead(Single::data, plan.network, samples + n, next, t, n);
      t++;
    }
    step_block(block, t, plain, has_velocity);
    return t;
  }

  int64_t rounds(const Task& task, const uint32_t* samples, int64_t first, int64_t last, double& epoch_loss) {
    int64_t done = 0;
    while (first + done < last && !stop_asked(task)) {
      const int64_t left = last - first - done, n = left < block.length ? left : block.length;
      const int64_t count = one_block(task, samples + done, first + done, n, epoch_loss);
      done += count;
      if (count < n) break;
    }
    return done;
  }
};

}  // namespace
}  // namespace descend
