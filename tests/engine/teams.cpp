// Threads that share a descent. The bits of training, predictions and gradients are those of one thread, with all
// members there from the start; tasks are done once each, whoever sleeps when; what a task throws ends the call.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "cases.hpp"
#include "door/team.hpp"
#include "kernels/cpu.hpp"
#include "kernels/dispatch.hpp"
#include "tests.hpp"

namespace descend::tests {
namespace {

// A team whose members are there, each in a thread of its own.
class Company {
 public:
  explicit Company(int size) : members_(size) {
    for (int k = 1; k < size; k++)
      threads_.emplace_back([this] {
        const FlushDenormals flushed;
        members_.help(members_.join());
      });
    while (!members_.full()) std::this_thread::yield();
  }
  ~Company() {
    members_.close();
    for (std::thread& one : threads_) one.join();
  }
  const Team* team() const { return &members_.team(); }

 private:
  Members members_;
  std::vector<std::thread> threads_;
};

// ---------------------------------------------------------------- bits

// The states of a case, one after the other, each by a team; cut in pieces.
template <class T>
Buffers states_by_team(const Case<T>& one, int size) {
  const FlushDenormals flushed;
  const Kernels<T>& kernel = kernels<T>();
  Buffers buffers = new_states(one);
  const Block room(kernel.workspace(one.plan, size));
  const int never = 0;
  for (const auto& buffer : buffers)
    for (const int64_t stop : {int64_t{1}, one.plan.epochs}) {
      const Company company(stop == 1 ? size : 1 + size / 2);
      Task task = one.task(stop, &never);
      task.team = company.team();
      const State<T> state = view_state<T>(one.plan, buffer->get());
      if (state.counters[C_STATUS] == RUNNING) kernel.run(one.plan, one.data(), state, task, room.get());
    }
  return buffers;
}

// Rows' answers, their gradients, and the gradient of all weights, by a team; `size` 0: alone.
template <class T>
std::vector<T> calls_by_team(const Case<T>& one, int size) {
  const FlushDenormals flushed;
  const Kernels<T>& kernel = kernels<T>();
  const Network& net = one.plan.network;
  const int64_t rows = one.plan.rows, n_d = net.n_d;
  std::vector<T> found(static_cast<size_t>(rows * (n_d + net.n_0) + net.theta_size));
  T *const output = found.data(), *const inputs = output + rows * n_d, *const weights = inputs + rows * net.n_0;
  const Block room(kernel.workspace(one.plan, size > 0 ? size : 1));
  const Company company(size > 0 ? size : 1);
  const Team* team = size > 0 ? company.team() : nullptr;
  const T* theta = one.thetas[0].data();
  kernel.predict(one.plan, theta, training_inputs(one.data()), rows, output, team, room.get());
  if (net.n_fields == 0)
    kernel.input_gradient(one.plan, theta, one.X.data(), one.Y.data(), rows, inputs, team, room.get());
  found.push_back(static_cast<T>(kernel.loss_and_gradient(one.plan, theta, one.data(), weights, team, room.get())));
  return found;
}

template <class T>
int64_t check_bits(const Case<T>& one) {
  use_isa("scalar");
  use_teams(NEVER);
  const Buffers truth = states_after(one, {"scalar", false, 1, {one.plan.epochs}});
  int64_t compared = 0;
  for (const std::string& isa : isa_names()) {
    if (isa == "scalar" || isa == "baseline") continue;
    use_isa(isa);
    const std::vector<T> alone = one.plan.front_scale ? std::vector<T>() : calls_by_team(one, 0);
    for (const int size : {2, 3, 7}) {
      const std::string text = one.text + " | " + isa + ", " + std::to_string(size) + " members";
      const Buffers got = states_by_team(one, size);
      for (size_t k = 0; k < got.size(); k++, compared++) {
        const std::string where = difference<T>(one.plan, truth[k]->get(), got[k]->get());
        if (!where.empty()) fail(text, "restart " + std::to_string(k) + ": " + where);
      }
      if (one.plan.front_scale) continue;  // the door refuses them
      const std::vector<T> calls = calls_by_team(one, size);
      if (std::memcmp(alone.data(), calls.data(), alone.size() * sizeof(T)) != 0) fail(text, "a call is different");
    }
  }
  return compared;
}

// Batches of the grid, smaller and larger than a chunk.
std::vector<Options> shared_grid() {
  std::vector<Options> found;
  for (Options one : grid()) {
    if (one.batch_size == 1) continue;
    one.restarts = 1, one.rows = one.sizes[0] == 70 ? 290 : 150, one.validation_rows *= 5;
    one.batch_size = found.size() % 3 == 0 ? 150 : found.size() % 3 == 1 ? 97 : 33;
    if (one.sizes[0] == 70) one.batch_size = 280;
    one.epochs = 2;
    found.push_back(one);
  }
  return found;
}

// ---------------------------------------------------------------- tasks

void sleep_up_to(Numbers& numbers, double microseconds) {
  if (numbers.uniform(0, 1) < 0.7) return;
  std::this_thread::sleep_for(std::chrono::microseconds(static_cast<int>(numbers.uniform(0, microseconds))));
}

// What a call of the team counts: how often each task was done. Plain numbers, so that ThreadSanitizer sees two threads
// at one task, or a call that returns before its tasks are done.
struct Counted {
  std::vector<int> times;
  uint64_t seed;
};

void count_one(void* context, int64_t task, int member) {
  Counted& all = *static_cast<Counted*>(context);
  Numbers numbers(all.seed + static_cast<uint64_t>(100 * task + member));
  sleep_up_to(numbers, 30);
  all.times[static_cast<size_t>(task)]++;
}

// Members come when they come, the calls do not wait for them, and everybody sleeps now and then.
void check_short_run(uint64_t seed) {
  Numbers numbers(seed);
  const int size = static_cast<int>(numbers.uniform(2, 5)), calls = static_cast<int>(numbers.uniform(1, 6));
  Members members(size);
  std::vector<std::thread> threads;
  for (int k = 1; k < size; k++)
    threads.emplace_back([&members, seed, k] {
      Numbers own(seed * 10 + static_cast<uint64_t>(k));
      sleep_up_to(own, 60);
      members.help(members.join());
    });
  for (int call = 0; call < calls; call++) {
    Counted counted{std::vector<int>(static_cast<size_t>(numbers.uniform(0, 20))), seed + static_cast<uint64_t>(call)};
    members.team().run(members.team().self, count_one, &counted, static_cast<int64_t>(counted.times.size()));
    for (const int times : counted.times)
      if (times != 1) fail("teams", "a task was done " + std::to_string(times) + " times");
    sleep_up_to(numbers, 60);
  }
  members.close();
  for (std::thread& one : threads) one.join();
}

// ---------------------------------------------------------------- jobs

// All jobs are done once, by at most so many threads; those without one of their own help with tasks.
int64_t check_jobs(size_t jobs, int threads) {
  std::vector<int> times(jobs);
  std::vector<std::vector<int>> tasks(jobs, std::vector<int>(50));
  Crew crew(jobs, std::max(threads, 2));
  run_workers(
      threads,
      [&](const int* stop) {
        for (Crew::Worker worker(crew, stop); worker.next();) {
          times[worker.job()]++;
          for (int call = 0; call < 20; call++) {
            Counted counted{std::vector<int>(50), static_cast<uint64_t>(call)};
            const Team& team = *worker.team();
            team.run(team.self, count_one, &counted, 50);
            for (size_t k = 0; k < 50; k++) tasks[worker.job()][k] += counted.times[k];
          }
        }
      },
      [] { return false; });
  for (size_t job = 0; job < jobs; job++)
    for (const int done : tasks[job])
      if (times[job] != 1 || done != 20) fail("teams", "a job of " + std::to_string(jobs) + " is not done");
  return 1;
}

// What a task throws, in whichever thread, reaches the caller, and nobody waits for it.
int64_t check_thrown() {
  for (int64_t bad = 0; bad < 40; bad++) {
    Crew crew(1, 3);
    bool thrown = false;
    try {
      run_workers(
          3,
          [&](const int* stop) {
            for (Crew::Worker worker(crew, stop); worker.next();) {
              const auto work = [](void* context, int64_t task, int) {
                std::this_thread::sleep_for(std::chrono::microseconds(20));
                if (task == *static_cast<int64_t*>(context)) throw std::runtime_error("bad task");
              };
              worker.team()->run(worker.team()->self, work, &bad, 40);
            }
          },
          [] { return false; });
    } catch (const std::runtime_error& error) {
      thrown = std::string(error.what()) == "bad task";
    }
    if (!thrown) fail("teams", "what a task throws is lost");
  }
  return 40;
}

}  // namespace

int64_t check_teams(const Part& part) {
  int64_t checked = 0;
  const std::vector<Options> all = shared_grid();
  for (size_t k = 0; k < all.size(); k++)
    if (part.has(k)) checked += check_bits(Case<float>(all[k])) + check_bits(Case<double>(all[k]));
  use_teams(WHERE_WORTH);
  for (uint64_t seed = 0; seed < 10'000; seed++)
    if (part.has(seed)) check_short_run(seed), checked++;
  for (const size_t jobs : {1, 2, 3, 7})
    for (const int threads : {1, 2, 3, 7}) checked += check_jobs(jobs, threads);
  return checked + check_thrown();
}

}  // namespace descend::tests
