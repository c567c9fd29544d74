// The jobs of the door, for one type T: shared out over workers, without Python.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "contract/regime.hpp"
#include "door/lane_groups.hpp"
#include "door/team.hpp"
#include "door/threads.hpp"
#include "kernels/cpu.hpp"
#include "kernels/dispatch.hpp"

namespace descend {

using Interrupted = std::function<bool()>;

inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Threads that may share one job, if `worth` many are worth it; for a test any plan in batches is.
inline int members_of_job(const Plan& plan, int64_t worth, int n_jobs) {
  const bool always = teams_use() == ALWAYS && regime_of(plan) == IN_BATCHES;
  const int64_t most = teams_use() == NEVER ? 1 : always ? n_jobs : worth;
  return static_cast<int>(std::min<int64_t>(most, n_jobs));
}

inline int threads_for(size_t jobs, int members, int n_jobs) {
  const int given = teams_use() == ALWAYS ? n_jobs : processors();
  return static_cast<int>(threads_of(static_cast<int64_t>(jobs), members, n_jobs, given));
}

// Runs a group, all restarts together if it is one; then alone what is still to be done. The kernels are those that
// `room` was measured for, whatever `use_isa` says meanwhile.
template <class T>
void advance_group(const Kernels<T>& kernel, const Plan& plan, const Data<T>& data, const Group& group,
                   const Task& task, void* room) {
  std::vector<State<T>> states;
  for (void* buffer : group) states.push_back(view_state<T>(plan, buffer));
  if (states.size() > 1) {
    const double start = seconds_now();
    kernel.run_lanes(plan, data, states.data(), static_cast<int>(states.size()), task, room);
    const double share = (seconds_now() - start) / static_cast<double>(states.size());
    for (const State<T>& state : states) state.scalars[S_SECONDS] += share;
  }
  for (const State<T>& state : states) {
    if (state.counters[C_STATUS] != RUNNING) continue;
    const double start = seconds_now();
    kernel.run(plan, data, state, task, room);
    state.scalars[S_SECONDS] += seconds_now() - start;
  }
}

// Multiply-adds up to which one worker's work is done in the calling thread: a few milliseconds, in which nobody would
// be asked whether to stop; a thread's start costs as much as epochs of a small network.
constexpr double AT_ONCE = 40'000'000;

// About how many multiply-adds the call asks for, validation included; a sample costs as much as 256 beside its own.
inline double work_of(const Plan& plan, const std::vector<void*>& states, const Task& task) {
  const double rows = static_cast<double>(plan.rows), looked_at = static_cast<double>(plan.validation_rows);
  const double looks = plan.validate_every > 0
                           ? rows / (static_cast<double>(plan.validate_every) * static_cast<double>(plan.batch_size))
                           : 1;
  const double epoch = rows + looks * looked_at, epochs = static_cast<double>(task.until_epoch);
  double sum = 0;
  for (void* buffer : states) {
    const int64_t done = static_cast<const int64_t*>(buffer)[C_EPOCH];
    sum += (epochs - static_cast<double>(done)) * epoch * static_cast<double>(plan.network.theta_size + 256);
  }
  return sum;
}

// Restarts alone that take as long as a group in lanes.
inline int64_t least_group(const Plan& plan) {
  const int64_t worth = lanes_worth(plan);
  return lanes_use() == ALWAYS && worth != NO_LANES ? 1 : worth;
}

// Runs all states (buffers of bytes) as far as `task` says; each worker takes the next group that nobody has.
template <class T>
void advance_grouped(const Plan& plan, const Data<T>& data, const std::vector<void*>& states, Task task, int n_jobs,
                     const Interrupted& interrupted) {
  const Kernels<T>& kernel = kernels<T>();
  const bool together = lanes_use() != NEVER && may_share_lanes(plan, task);
  const int lanes_used = together ? kernel.lanes : 0;
  task.least_group = least_group(plan);
  const std::vector<Group> groups = grouped(plan, states, lanes_used, task.least_group, n_jobs);
  const bool lanes = !groups.empty() && groups[0].size() > 1;
  const int members = members_of_job(plan, lanes ? 1 : most_members(plan), n_jobs);
  const int threads = threads_for(groups.size(), members, n_jobs);
  const size_t bytes = std::max(kernel.workspace(plan, members), lanes ? kernel.lanes_workspace(plan) : 0);
  const auto work = [&](Crew& crew, const int* stop) {
    Task mine = task;
    mine.stop = stop;
    std::optional<Block> room;
    for (Crew::Worker worker(crew, stop); worker.next();) {
      if (!room) room.emplace(bytes);
      mine.team = worker.team();
      advance_group(kernel, plan, data, groups[worker.job()], mine, room->get());
    }
  };
  if (groups.size() <= 1 && work_of(plan, states, task) <= AT_ONCE && teams_use() != ALWAYS) {
    Crew alone(groups.size(), 1);
    const FlushDenormals flushed;
    const int never = 0;
    return work(alone, &never);
  }
  Crew crew(groups.size(), members);
  if (threads > 0) run_workers(threads, [&](const int* stop) { work(crew, stop); }, interrupted);
}

// Epochs after which groups that have lost members join: where patience ends restarts, some sixteen times a run, and
// not before so much work that a worker's start does not matter.
inline int64_t epochs_before_joining(const Plan& plan, const std::vector<void*>& states, int lanes) {
  if (plan.patience == 0 || static_cast<int64_t>(states.size()) <= lanes || lanes == 0) return INT64_MAX;
  const double epoch =
      static_cast<double>(plan.rows + plan.validation_rows) * static_cast<double>(plan.network.theta_size);
  const int64_t least = 1 + static_cast<int64_t>(AT_ONCE / epoch);
  return std::max(least, plan.epochs / 16);
}

// The same in pieces, after each of which the groups are made anew: lanes of those that ended are filled again.
template <class T>
void advance_states(const Plan& plan, const Data<T>& data, std::vector<void*> states, Task task, int n_jobs,
                    const Interrupted& interrupted) {
  const int64_t last = task.until_epoch, piece = epochs_before_joining(plan, states, kernels<T>().lanes);
  const auto epoch_of = [](void* buffer) { return static_cast<const int64_t*>(buffer)[C_EPOCH]; };
  const auto goes_on = [&](void* buffer) {
    return static_cast<const int64_t*>(buffer)[C_STATUS] == RUNNING && epoch_of(buffer) < last;
  };
  bool stopped = false;
  const Interrupted asked = [&] { return stopped = stopped || interrupted(); };
  while (!states.empty() && !stopped) {
    int64_t first = last;
    for (void* buffer : states) first = std::min(first, epoch_of(buffer));
    task.until_epoch = piece < last - first ? first + piece : last;
    advance_grouped(plan, data, states, task, n_jobs, asked);
    if (task.until_epoch == last || asked()) return;
    states.erase(std::remove_if(states.begin(), states.end(), [&](void* s) { return !goes_on(s); }), states.end());
  }
}

constexpr int64_t ROWS_AT_ONCE = 4096;

// What is done row by row, as `part(kernel, first, count, team, room)`. Small jobs run in the calling thread.
template <class T, class Part>
void each_piece(const Plan& plan, int64_t rows, int n_jobs, const Interrupted& interrupted, const Part& part) {
  const Kernels<T>& kernel = kernels<T>();
  if (rows <= ROWS_AT_ONCE && rows * plan.network.theta_size <= 100'000'000 && teams_use() != ALWAYS) {
    const FlushDenormals flushed;
    const Block room(kernel.workspace(plan, 1));
    return part(kernel, 0, rows, nullptr, room.get());
  }
  const int64_t pieces = (rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
  const int members = members_of_job(plan, most_members(rows, plan.network), n_jobs);
  Crew crew(static_cast<size_t>(pieces), members);
  const Work work = [&](const int* stop) {
    std::optional<Block> room;
    for (Crew::Worker worker(crew, stop); worker.next();) {
      if (!room) room.emplace(kernel.workspace(plan, members));
      const int64_t first = static_cast<int64_t>(worker.job()) * ROWS_AT_ONCE;
      part(kernel, first, std::min(ROWS_AT_ONCE, rows - first), worker.team(), room->get());
    }
  };
  if (pieces > 0) run_workers(threads_for(static_cast<size_t>(pieces), members, n_jobs), work, interrupted);
}

// The forward pass.
template <class T>
void predict_rows(const Plan& plan, const T* theta, const InputRows<T>& X, int64_t rows, T* output, int n_jobs,
                  const Interrupted& interrupted) {
  const Network& net = plan.network;
  each_piece<T>(plan, rows, n_jobs, interrupted,
                [&](const Kernels<T>& kernel, int64_t first, int64_t count, const Team* team, void* room) {
                  kernel.predict(plan, theta, inputs_from(net, X, first), count, output + first * net.n_d, team, room);
                });
}

// The way back to the inputs.
template <class T>
void input_gradient_rows(const Plan& plan, const T* theta, const T* X, const T* dL_dv, int64_t rows, T* gradient,
                         int n_jobs, const Interrupted& interrupted) {
  const Network& net = plan.network;
  each_piece<T>(plan, rows, n_jobs, interrupted,
                [&](const Kernels<T>& kernel, int64_t first, int64_t count, const Team* team, void* room) {
                  kernel.input_gradient(plan, theta, X + first * net.n_0, dL_dv + first * net.n_d, count,
                                        gradient + first * net.n_0, team, room);
                });
}

// The objective over the plan's rows and its gradient, in the calling thread or by a team.
template <class T>
double loss_and_gradient_of(const Plan& plan, const T* theta, const Data<T>& data, T* gradient, int n_jobs,
                            const Interrupted& interrupted) {
  const Kernels<T>& kernel = kernels<T>();
  const double work = static_cast<double>(plan.rows) * static_cast<double>(plan.network.theta_size);
  const bool at_once = work <= AT_ONCE && teams_use() != ALWAYS;
  const int members = at_once ? 1 : members_of_job(plan, most_members(plan.rows, plan.network), n_jobs);
  const int threads = threads_for(1, members, n_jobs);
  double loss = 0;
  const auto one = [&](const Team* team) {
    const Block room(kernel.workspace(plan, capacity_of(team)));
    loss = kernel.loss_and_gradient(plan, theta, data, gradient, team, room.get());
  };
  if (threads == 1) {
    const FlushDenormals flushed;
    one(nullptr);
    return loss;
  }
  Crew crew(1, members);
  const Work help = [&](const int* stop) {
    for (Crew::Worker worker(crew, stop); worker.next();) one(worker.team());
  };
  run_workers(threads, help, interrupted);
  return loss;
}

}  // namespace descend
