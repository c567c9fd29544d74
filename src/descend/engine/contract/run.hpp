// One state's run: rounds, ends of epochs, looks at the validation rows, divergence, patience. Control only; the
// arithmetic is the Net's, which has
//
//   begin(), end()                         take the weights out of the state, and put them back
//   order()                                room for the samples of an epoch
//   round(samples, count, epoch_loss)      forward, loss, backward of a batch; returns epoch_loss + sum w L
//   update(eta, round)                     the optimiser
//   penalty(), weights_are_finite(), validation_loss(), keep_best()
#pragma once

#include "contract/order.hpp"
#include "contract/plan.hpp"
#include "contract/regime.hpp"
#include "contract/state.hpp"

namespace descend {
namespace {

// Counters may be read by another thread while the run goes on.
inline void put(int64_t& place, int64_t value) { __atomic_store_n(&place, value, __ATOMIC_RELAXED); }

inline bool stop_asked(const Task& task) { return __atomic_load_n(task.stop, __ATOMIC_RELAXED) != 0; }

inline double at_round(const Schedule& schedule, const Task& task, int64_t round) {
  return schedule.values[schedule.count == 1 ? 0 : round - task.first_round];
}

inline double learning_rate(const Task& task, int64_t round, double factor) {
  return factor * at_round(task.learning_rates, task, round);
}

// The samples of a round: `count` entries of the epoch's order, from `place` on. The last batch of an epoch may be
// smaller.
struct Batch {
  int64_t place, count;
};

inline Batch batch_of(const Plan& plan, int64_t round, int64_t epoch) {
  const int64_t place = (round - epoch * plan.rounds_per_epoch) * plan.batch_size, left = plan.rows - place;
  return {place, left < plan.batch_size ? left : plan.batch_size};
}

// Whether the epoch is at its end after so many rounds of the run.
inline bool epoch_ends(const Plan& plan, int64_t rounds, int64_t epoch) {
  return rounds == plan.rounds || rounds == (epoch + 1) * plan.rounds_per_epoch;
}

// Whether it is time for a look at the validation rows.
inline bool look_is_due(const Plan& plan, int64_t rounds, int64_t epoch) {
  if (plan.validation_rows == 0) return false;
  if (rounds == plan.rounds) return true;
  return plan.validate_every > 0 ? rounds % plan.validate_every == 0 : epoch_ends(plan, rounds, epoch);
}

// The epoch whose samples stand in order.
struct Ordered {
  int64_t epoch = -1;

  void reach(const Plan& plan, const int64_t* counters, int64_t wanted, uint32_t* samples) {
    if (epoch == wanted) return;
    epoch = wanted;
    const uint64_t seed = static_cast<uint64_t>(counters[C_ORDER_SEED]);
    epoch_order(seed, epoch, plan.sampling, static_cast<uint64_t>(plan.rows), samples);
  }
};

template <class T>
void diverge(const State<T>& state, int64_t round, double eta) {
  state.scalars[S_DIVERGED_LEARNING_RATE] = eta;
  put(state.counters[C_DIVERGED_ROUND], round);
  put(state.counters[C_STATUS], DIVERGED);
}

// The running mean of the epoch's losses plus the penalty; false if it or a weight is not finite.
template <class T, class Net>
bool end_epoch(Net& net, const State<T>& state) {
  int64_t* c = state.counters;
  const double loss = state.scalars[S_EPOCH_LOSS] / static_cast<double>(c[C_EPOCH_ROWS]) + net.penalty();
  if (!__builtin_isfinite(loss) || !net.weights_are_finite()) return false;
  state.loss_curve[c[C_EPOCH]] = loss;
  state.scalars[S_EPOCH_LOSS] = 0;
  c[C_EPOCH_ROWS] = 0;
  put(c[C_EPOCH], c[C_EPOCH] + 1);
  return true;
}

// The lowest validation loss is kept, the latest among ties; a run without improvement ends when patience is over.
template <class T, class Net>
void look(const Plan& plan, Net& net, const State<T>& state) {
  int64_t* c = state.counters;
  double& best = state.scalars[S_BEST_LOSS];
  const double loss = net.validation_loss();
  state.validation_curve[c[C_LOOKS]] = loss;
  put(c[C_LOOKS_SINCE_IMPROVEMENT], loss < best ? 0 : c[C_LOOKS_SINCE_IMPROVEMENT] + 1);
  if (__builtin_isfinite(loss) && loss <= best) {
    best = loss;
    put(c[C_BEST_LOOK], c[C_LOOKS]);
    put(c[C_BEST_ROUND], c[C_ROUND]);
    net.keep_best();
  }
  put(c[C_LOOKS], c[C_LOOKS] + 1);
  if (plan.patience > 0 && c[C_LOOKS_SINCE_IMPROVEMENT] >= plan.patience) put(c[C_STATUS], STOPPED_EARLY);
}

template <class T, class Net>
void after_round(const Plan& plan, Net& net, const State<T>& state, double eta) {
  int64_t* c = state.counters;
  const int64_t round = c[C_ROUND];
  const bool due = look_is_due(plan, round, c[C_EPOCH]);
  if (epoch_ends(plan, round, c[C_EPOCH]) && !end_epoch(net, state)) return diverge(state, round - 1, eta);
  if (due) look(plan, net, state);
  if (round == plan.rounds && c[C_STATUS] == RUNNING) put(c[C_STATUS], FINISHED);
}

template <class T, class Net>
void one_round(const Plan& plan, const Task& task, Net& net, const State<T>& state) {
  int64_t* c = state.counters;
  const int64_t round = c[C_ROUND];
  const Batch batch = batch_of(plan, round, c[C_EPOCH]);
  const double eta = learning_rate(task, round, state.scalars[S_LEARNING_RATE_FACTOR]);
  state.scalars[S_EPOCH_LOSS] = net.round(net.order() + batch.place, batch.count, state.scalars[S_EPOCH_LOSS]);
  c[C_EPOCH_ROWS] += batch.count;
  if (!__builtin_isfinite(state.scalars[S_EPOCH_LOSS])) return diverge(state, round, eta);
  net.update(eta, round);
  put(c[C_ROUND], round + 1);
  after_round(plan, net, state, eta);
}

// The next round after which something is due besides the next round.
inline int64_t next_event(const Plan& plan, int64_t round, int64_t epoch) {
  int64_t event = (epoch + 1) * plan.rounds_per_epoch;
  if (event > plan.rounds) event = plan.rounds;
  if (plan.validation_rows == 0 || plan.validate_every == 0) return event;
  const int64_t look = (round / plan.validate_every + 1) * plan.validate_every;
  return look < event ? look : event;
}

// Whether patience is over after an epoch with this loss.
inline bool patience_is_over(LossPatience& patience, double loss) {
  patience.since = loss <= patience.best - patience.tol ? 0 : patience.since + 1;
  if (loss < patience.best) patience.best = loss;
  return patience.since > patience.epochs;
}

// A run, piece by piece, as far as the task says; each epoch's samples are put in order first.
template <class T, class Net, class Piece>
void run_in_pieces(const Plan& plan, const Task& task, Net& net, const State<T>& state, const Piece& piece) {
  int64_t* c = state.counters;
  Ordered ordered;
  net.begin();
  if (c[C_ROUND] >= plan.rounds) put(c[C_STATUS], FINISHED);
  while (c[C_STATUS] == RUNNING && c[C_EPOCH] < task.until_epoch && !stop_asked(task)) {
    ordered.reach(plan, c, c[C_EPOCH], net.order());
    piece();
    if (!task.loss_patience || c[C_EPOCH] == ordered.epoch) continue;
    if (patience_is_over(*task.loss_patience, state.loss_curve[ordered.epoch])) break;
  }
  net.end();
}

template <class T, class Net>
void run_state(const Plan& plan, const Task& task, Net& net, const State<T>& state) {
  run_in_pieces(plan, task, net, state, [&] { one_round(plan, task, net, state); });
}

// ---------------------------------------------------------------- stretches of rounds

constexpr int64_t STRETCH = 1024;  // rounds after which the counters are set for whoever watches

// Rounds up to the next event, and what is due there. The Net has, instead of round and update,
//
//   rounds(task, samples, first, last, epoch_loss)   rounds first ... last - 1, until a loss is not finite or a stop is
//                                                    asked for; returns how many were done
template <class T, class Net>
void one_stretch(const Plan& plan, const Task& task, Net& net, const State<T>& state) {
  int64_t* c = state.counters;
  const int64_t first = c[C_ROUND], event = next_event(plan, first, c[C_EPOCH]);
  const int64_t stretch = STRETCH / block_length(plan) * block_length(plan);
  const int64_t last = event - first < stretch ? event : first + stretch;
  const uint32_t* samples = net.order() + batch_of(plan, first, c[C_EPOCH]).place;
  double& epoch_loss = state.scalars[S_EPOCH_LOSS];
  const int64_t round = first + net.rounds(task, samples, first, last, epoch_loss);
  const bool diverged = !__builtin_isfinite(epoch_loss);
  const auto eta = [&](int64_t t) { return learning_rate(task, t, state.scalars[S_LEARNING_RATE_FACTOR]); };
  c[C_EPOCH_ROWS] += round - first + (diverged ? 1 : 0);
  put(c[C_ROUND], round);
  if (diverged) return diverge(state, round, eta(round));
  if (round == event) after_round(plan, net, state, eta(round - 1));
}

template <class T, class Net>
void run_in_stretches(const Plan& plan, const Task& task, Net& net, const State<T>& state) {
  run_in_pieces(plan, task, net, state, [&] { one_stretch(plan, task, net, state); });
}

}  // namespace
}  // namespace descend
