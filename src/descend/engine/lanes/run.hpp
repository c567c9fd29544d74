// Control of a group of restarts that run together, one in each lane: the rounds of contract/run.hpp for all at once,
// its ends of epochs and looks for each alone. A lane without a restart, or whose restart has ended, is a copy of one
// that lives, so that it does what that one does and is never written back.
#pragma once

#include "contract/regime.hpp"
#include "contract/run.hpp"
#include "lanes/net.hpp"
#include "lanes/single_net.hpp"

namespace descend {
namespace {

template <class T>
struct LanesRun {
  const Plan& plan;
  const Task& task;
  LanesNet<T>& net;
  const State<T>* states;  // (count,), at one meeting place (door/lane_groups.hpp)
  int count;
  int living = 0;
  bool lives[LANES<T>] = {};
  int64_t round = 0, epoch = 0, epoch_rows = 0;
  StepSchedule<T> schedule{plan};

  void run() {
    begin();
    Ordered ordered;
    const int64_t enough = count < task.least_group ? count : task.least_group;  // fewer go on alone
    while (living >= enough && epoch < task.until_epoch && !stop_asked(task)) {
      ordered.reach(plan, states[0].counters, epoch, net.order());
      const int64_t event = next_event(plan, round, epoch);
      if (one_by_one(plan))
        with_step(plan, [&](auto step, auto bias_step) { single_rounds<decltype(step), decltype(bias_step)>(event); });
      else
        while (round < event && living > 0 && !stop_asked(task)) one_round();
      if (round == event) at_event();
    }
    for (int k = 0; k < count; k++)
      if (lives[k]) leave(k);
  }

  void begin() {
    const int64_t* c = states[0].counters;
    round = c[C_ROUND], epoch = c[C_EPOCH], epoch_rows = c[C_EPOCH_ROWS];
    for (int k = 0; k < count; k++) net.take(states[k], k), lives[k] = true;
    living = count;
    fill();
  }

  void fill() {
    if (living == 0 || living == LANES<T>) return;
    int64_t from = 0;
    while (!lives[from]) from++;
    for (int64_t k = 0; k < LANES<T>; k++)
      if (!lives[k]) net.copy(from, k);
  }

  // What is known of lane k goes into its state's counters.
  void publish(int64_t k) {
    states[k].scalars[S_EPOCH_LOSS] = net.all.epoch_loss[k];
    states[k].counters[C_EPOCH_ROWS] = epoch_rows;
    put(states[k].counters[C_ROUND], round);
  }

  void leave(int64_t k) {
    publish(k);
    net.give_back(states[k], k);
    lives[k] = false, living--;
  }

  void one_round() {
    const Batch batch = batch_of(plan, round, epoch);
    const double eta = learning_rate(task, round, states[0].scalars[S_LEARNING_RATE_FACTOR]);
    const bool finite = net.round(net.order() + batch.place, batch.count);
    epoch_rows += batch.count;
    if (!finite) leave_diverged(eta);
    if (living == 0) return;
    net.update(eta, round);
    if (!finite) fill();
    round++;
  }

  // Rounds of a single sample up to the next event.
  template <class Step, class BiasStep>
  void single_rounds(int64_t event) {
    LanesSingle<T, Step, BiasStep> single{plan, net.data, net.all};
    const double factor = states[0].scalars[S_LEARNING_RATE_FACTOR];
    const auto eta = [&] { return learning_rate(task, round, factor); };
    const bool constant = task.learning_rates.count == 1 && Step::MOMENTS < 2;
    const uint32_t* sample = net.order() + batch_of(plan, round, epoch).place;
    StepConstants<T> k = schedule.at(eta(), round);
    for (; round < event && !stop_asked(task); round++) {
      if (!constant) k = schedule.at(eta(), round);
      const bool finite = single.forward(*sample++, k);
      epoch_rows++;
      if (!finite) leave_diverged(eta());
      if (living == 0) return;
      single.back(k);
      if (!finite) single.settle(), fill();
    }
    single.settle();
  }

  void leave_diverged(double eta) {
    for (int k = 0; k < count; k++)
      if (lives[k] && !__builtin_isfinite(net.all.epoch_loss[k])) {
        leave(k);
        diverge(states[k], round, eta);
      }
  }

  void at_event() {
    const double eta = learning_rate(task, round - 1, states[0].scalars[S_LEARNING_RATE_FACTOR]);
    const bool ends = epoch_ends(plan, round, epoch);
    if (look_is_due(plan, round, epoch)) net.validate();
    const int before = living;
    for (int k = 0; k < count; k++)
      if (lives[k]) after_round_of(k, eta);
    if (ends) epoch++, epoch_rows = 0;
    for (int64_t k = 0; k < LANES<T> && ends; k++)
      if (!lives[k]) net.all.epoch_loss[k] = 0;
    if (living < before) fill();
  }

  void after_round_of(int64_t k, double eta) {
    const State<T>& state = states[k];
    OneLane<T> one{net, state, k};
    publish(k);
    after_round(plan, one, state, eta);
    net.all.epoch_loss[k] = state.scalars[S_EPOCH_LOSS];
    if (state.counters[C_STATUS] == RUNNING) return;
    net.give_back(state, k);
    lives[k] = false, living--;
  }
};

}  // namespace
}  // namespace descend
