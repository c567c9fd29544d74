// Rounds of a single sample of a group of restarts, one in each lane; the counterpart of single/net.hpp.
#pragma once

#include "lanes/single.hpp"

namespace descend {
namespace {

template <class T, class Step, class BiasStep>
struct LanesSingle {
  const Plan& plan;
  const Data<T>& data;
  const LanesRoom<T>& all;
  const T* x = nullptr;  // inputs of the sample in hand
  Late<T, Step> late{};

  // Forward, loss, and d_d of the sample; all.epoch_loss grows by w L. Returns whether that is finite in all lanes.
  INLINE bool forward(int64_t row, const StepConstants<T>& k) {
    const Network& net = plan.network;
    const T weight = data.sample_weight ? data.sample_weight[row] : T(1);
    x = data.X + row * net.n_0;
    if constexpr (Step::MOMENTS == 0)
      late.x ? lanes_single_forward(all, x, late) : lanes_single_forward(all, x, Done{});
    else
      lanes_single_forward(all, x, Done{});
    late.x = nullptr;
    lanes_single_output(all, net, data.Y + row * net.n_d, k.scale * weight);
    return add_losses(all, static_cast<double>(weight), all.epoch_loss);
  }

  // The way back, and the step; that of W_0 is late for plain SGD.
  INLINE void back(const StepConstants<T>& k) {
    lanes_single_back<Step, BiasStep>(all, plan.network, k);
    if constexpr (Step::MOMENTS == 0)
      late = {x, all.room.nodes[1].delta, k.shrink};
    else
      lanes_step_first<Step, BiasStep>(all, k, x);
  }

  // All weights as they stand after the last step.
  void settle() {
    if (!late.x) return;
    StepConstants<T> k{};
    k.shrink = late.shrink;
    lanes_step_first<Step, BiasStep>(all, k, late.x);
    late.x = nullptr;
  }
};

}  // namespace
}  // namespace descend
