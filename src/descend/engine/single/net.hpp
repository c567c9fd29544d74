// One network that learns one sample at a time: stretches of rounds in which nothing else is due, and what
// contract/run.hpp asks at their ends.
#pragma once

#include "batch/net.hpp"
#include "contract/run.hpp"
#include "single/narrow.hpp"

namespace descend {
namespace {

template <class T, class Step, class BiasStep>
struct SingleNet {
  static constexpr bool STEPS_LATE = Step::MOMENTS == 0;  // W_0 takes its step while the next sample reads it
  const Plan& plan;
  const Data<T>& data;
  const State<T>& state;
  SingleRoom<T> room;
  VectorNet<T> looker;  // validation
  StepSchedule<T> schedule{plan};
  Late<T, Step> late{};

  void begin() { take_weights(room, state, moments_of(plan.optimizer)); }
  void end() {
    give_weights(room, state.theta);
    give_moments(room, state, moments_of(plan.optimizer));
  }
  uint32_t* order() { return room.order; }
  void keep_best() { give_weights(room, state.best_theta); }

  // ---------------------------------------------------------------- rounds

  // One round, but for the last step of W_0 where that is late; false, and no step at all, if the loss is not finite.
  INLINE bool round(int64_t row, const StepConstants<T>& k, double& epoch_loss) {
    const T *x = data.X + row * plan.network.n_0, *y = data.Y + row * plan.network.n_d;
    const T weight = data.sample_weight ? data.sample_weight[row] : T(1);
    take_target(room, y);
    const T loss = single_output_loss(room, plan.network, forward(x), k.scale * weight);
    epoch_loss = epoch_loss + static_cast<double>(weight) * static_cast<double>(loss);
    if (!__builtin_isfinite(epoch_loss)) return false;
    for (int64_t l = room.depth - 1; l > 0; l--)
      back_through<Step, BiasStep>(room.layers[l], room.layers[l - 1], k, plan.network.straight_through);
    if constexpr (STEPS_LATE) {
      late = {x, room.layers[0].d, k.shrink};
    } else {
      step_first<Step, BiasStep>(room.layers[0], k, x);
    }
    return true;
  }

  // Returns log sum e^s of softmax outputs.
  INLINE T forward(const T* x) {
    if constexpr (STEPS_LATE)
      if (late.x) {
        const T log_sum = single_forward(room, x, late);
        late.x = nullptr;
        return log_sum;
      }
    return single_forward(room, x, Done{});
  }

  // Asks for the first and the last line of the sample that comes AHEAD rounds later: tables larger than the cache are
  // visited in random order.
  INLINE void ask_ahead(const uint32_t* sample) const {
    const int64_t n_0 = plan.network.n_0;
    const T* x = data.X + sample[AHEAD] * n_0;
    __builtin_prefetch(x);
    __builtin_prefetch(x + n_0 - 1);
  }

  void settle() {
    if (!late.x) return;
    StepConstants<T> k{};
    k.shrink = late.shrink;
    step_first<Step, BiasStep>(room.layers[0], k, late.x);
    late.x = nullptr;
  }

  // Rounds first ... last - 1 of the samples given; returns how many were done before one diverged or a stop was asked.
  int64_t rounds(const Task& task, const uint32_t* samples, int64_t first, int64_t last, double& epoch_loss) {
    if constexpr (STEPS_LATE && has_narrow(PIECES))
      if (is_narrow(plan, PIECES)) {
        int64_t done = 0;
        const SingleLayer<T>& layer = room.layers[0];
        with_narrow(layer.columns / LINE<T>, layer.chains, [&](auto lines, auto chains) {
          done = narrow_rounds<decltype(lines)::VALUE, decltype(chains)::VALUE>(task, samples, first, last, epoch_loss);
        });
        settle();
        return done;
      }
    const double factor = state.scalars[S_LEARNING_RATE_FACTOR];
    const bool constant = task.learning_rates.count == 1 && Step::MOMENTS < 2;
    StepConstants<T> k = schedule.at(learning_rate(task, first, factor), first);
    int64_t t = first;
    for (; t < last && !stop_asked(task); t++) {
      if (!constant) k = schedule.at(learning_rate(task, t, factor), t);
      ask_ahead(samples + t - first);
      if (!round(samples[t - first], k, epoch_loss)) break;
    }
    settle();
    return t - first;
  }

  // The same for a narrow network.
  template <int LINES, int CHAINS>
  int64_t narrow_rounds(const Task& task, const uint32_t* samples, int64_t first, int64_t last, double& epoch_loss) {
    const double factor = state.scalars[S_LEARNING_RATE_FACTOR];
    const bool constant = task.learning_rates.count == 1;
    const int64_t n_0 = plan.network.n_0;
    StepConstants<T> k = schedule.at(learning_rate(task, first, factor), first);
    NarrowRounds<T, Step, BiasStep, LINES, CHAINS> narrow{room, plan.network};
    double sum = epoch_loss;
    const T* past = nullptr;
    int64_t t = first;
    narrow.take();
    for (; t < last && !stop_asked(task); t++) {
      const T shrink = k.shrink;
      if (!constant) k = schedule.at(learning_rate(task, t, factor), t);
      const int64_t row = samples[t - first];
      ask_ahead(samples + t - first);
      const T *x = data.X + row * n_0, weight = data.sample_weight ? data.sample_weight[row] : T(1);
      past ? narrow.template sums<true>(x, past, shrink) : narrow.template sums<false>(x, x, shrink);
      past = nullptr;
      if (!narrow.onward(k, data.Y[row], weight, sum)) break;
      past = x;
    }
    narrow.give_back();
    epoch_loss = sum;
    if (past) late = {past, room.layers[0].d, k.shrink};
    return t - first;
  }

  // ---------------------------------------------------------------- what contract/run.hpp asks for

  double penalty() const {
    if (plan.l2 == 0 || plan.optimizer == ADAMW) return 0;
    double sum = 0;
    for (int64_t l = 0; l < room.depth; l++)
      each_weight(room.layers[l], [&](int64_t, int64_t at, bool bias) {
        const double one = static_cast<double>(bias ? T(0) : room.layers[l].weights.w[at]);
        sum = sum + one * one;
      });
    return sum * (plan.l2 / 2);
  }

  bool weights_are_finite() const {
    bool finite = true;
    for (int64_t l = 0; l < room.depth; l++)
      each_weight(room.layers[l], [&](int64_t, int64_t at, bool bias) {
        finite &= __builtin_isfinite((bias ? room.layers[l].bias_row : room.layers[l].weights).w[at]) != 0;
      });
    return finite;
  }

  double validation_loss() {
    give_weights(room, state.theta);
    looker.begin();
    return looker.validation_loss();
  }
};

}  // namespace
}  // namespace descend
