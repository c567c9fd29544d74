// Tasks are taken from a counter for each member, first from one's own, and the last to be done wakes who called. Those
// who wait stay awake for a while, for the next tasks come within microseconds as a rule.
#include "door/team.hpp"

#include <algorithm>
#include <chrono>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace descend {
namespace {

constexpr auto AWAKE = std::chrono::microseconds(20);

void pause_briefly() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Looks again and again for a while; whether it became true.
template <class Condition>
bool soon(const Condition& condition) {
  if (condition()) return true;
  const auto until = std::chrono::steady_clock::now() + AWAKE;
  do {
    for (int k = 0; k < 16; k++) {
      pause_briefly();
      if (condition()) return true;
    }
  } while (std::chrono::steady_clock::now() < until);
  return false;
}

uint64_t packed(int64_t next, int64_t end) { return static_cast<uint64_t>(end) << 32 | static_cast<uint64_t>(next); }
int64_t next_of(uint64_t share) { return static_cast<int64_t>(share & 0xFFFFFFFFu); }
int64_t end_of(uint64_t share) { return static_cast<int64_t>(share >> 32); }

}  // namespace

// ---------------------------------------------------------------- one team

Members::Members(int capacity)
    : team_{capacity, this, [](void* self) { return static_cast<Members*>(self)->count(); },
            [](void* self, Work work, void* context, int64_t tasks) {
              static_cast<Members*>(self)->run(work, context, tasks);
            }},
      shares_(new Share[static_cast<size_t>(capacity)]) {}

void Members::run(Work work, void* context, int64_t tasks) {
  if (tasks <= 0) return;
  // All tasks of the last call are done, so nobody holds one and nobody reads these.
  work_ = work, context_ = context;
  left_.store(tasks, std::memory_order_relaxed);
  const int64_t shares = std::min<int64_t>(count(), tasks);
  shared_.store(static_cast<int>(shares), std::memory_order_relaxed);
  for (int64_t k = 0; k < shares; k++)
    shares_[static_cast<size_t>(k)].next_and_end.store(packed(tasks * k / shares, tasks * (k + 1) / shares),
                                                       std::memory_order_release);
  calls_.fetch_add(1);  // in one order with `sleeping_`: either this sees who sleeps, or they see this
  if (sleeping_.load() > 0) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
    }
    called_.notify_all();
  }
  take(0);
  wait_for_tasks();
}

// Own tasks first, then those of the next member, and so on.
void Members::take(int member) {
  const int shares = shared_.load(std::memory_order_relaxed);
  for (int k = 0; k < shares; k++) {
    std::atomic<uint64_t>& share = shares_[static_cast<size_t>((member + k) % shares)].next_and_end;
    for (;;) {
      uint64_t seen = share.load(std::memory_order_relaxed);
      if (next_of(seen) >= end_of(seen)) break;
      // Perhaps of a later call than the last look: what is taken is a task all the same, of that call.
      seen = share.fetch_add(1, std::memory_order_acquire);
      if (next_of(seen) >= end_of(seen)) break;
      do_task(next_of(seen), member);
    }
  }
}

void Members::do_task(int64_t task, int member) {
  // Done also if it throws, so that nobody waits for it; the one who throws ends the call.
  struct Done {
    Members& all;
    ~Done() {
      if (all.left_.fetch_sub(1) != 1 || !all.caller_sleeps_.load()) return;
      {
        const std::lock_guard<std::mutex> lock(all.mutex_);
      }
      all.done_.notify_one();
    }
  } done{*this};
  work_(context_, task, member);
}

void Members::wait_for_tasks() {
  const auto all_done = [&] { return left_.load() == 0; };
  if (soon(all_done)) return;
  caller_sleeps_.store(true);
  {
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, all_done);
  }
  caller_sleeps_.store(false);
}

void Members::wait_for_call(uint32_t seen) {
  const auto called = [&] { return calls_.load() != seen; };
  if (soon(called)) return;
  sleeping_.fetch_add(1);
  {
    std::unique_lock<std::mutex> lock(mutex_);
    called_.wait(lock, called);
  }
  sleeping_.fetch_sub(1);
}

void Members::help(int member) {
  for (;;) {
    const uint32_t seen = calls_.load();
    if (closed_.load()) return;
    take(member);
    wait_for_call(seen);
  }
}

void Members::close() {
  closed_.store(true);
  calls_.fetch_add(1);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
  }
  called_.notify_all();
}

// ---------------------------------------------------------------- jobs

Members* Crew::fewest() const {
  Members* found = nullptr;
  for (Members* one : open_)
    if (!one->full() && (!found || one->count() < found->count())) found = one;
  return found;
}

void Crew::Worker::end_job() {
  if (!mine_) return;
  {
    const std::lock_guard<std::mutex> lock(crew_.mutex_);
    crew_.open_.erase(std::find(crew_.open_.begin(), crew_.open_.end(), mine_));
  }
  mine_->close();
  mine_ = nullptr;
}

bool Crew::Worker::next() {
  end_job();
  for (;;) {
    Members* helped = nullptr;
    int member = 0;
    {
      const std::lock_guard<std::mutex> lock(crew_.mutex_);
      if (__atomic_load_n(stop_, __ATOMIC_RELAXED)) return false;
      if (crew_.next_ < crew_.jobs_) {
        if (crew_.most_ > 1) {
          crew_.all_.push_back(std::make_unique<Members>(crew_.most_));
          crew_.open_.push_back(crew_.all_.back().get());
          mine_ = crew_.all_.back().get();
        }
        job_ = crew_.next_++;
        return true;
      }
      helped = crew_.fewest();
      if (helped) member = helped->join();
    }
    if (!helped) return false;
    helped->help(member);
  }
}

}  // namespace descend
