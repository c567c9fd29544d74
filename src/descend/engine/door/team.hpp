// Jobs shared out over the threads of a call. A thread takes the next job that nobody has; when none is left, it helps
// one that is still running, as a member of its team (contract/team.hpp).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "contract/team.hpp"

namespace descend {

// The members of one job, and the tasks that they share.
class Members {
 public:
  explicit Members(int capacity);
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  const Team& team() const { return team_; }
  bool full() const { return count_.load(std::memory_order_relaxed) >= team_.capacity; }
  int count() const { return count_.load(std::memory_order_relaxed); }

  // Takes part in a new member's thread, until the job is over. `count` and `full` are the Crew's to look at before.
  int join() { return count_.fetch_add(1, std::memory_order_relaxed); }
  void help(int member);
  // The job is over; nobody runs tasks any more.
  void close();

 private:
  using Work = void (*)(void* context, int64_t task, int member);

  // Tasks of one member that nobody has taken yet: the next in the lower half, the end in the upper. Who has taken one
  // may read work_ and context_: they stay until it is done.
  struct alignas(64) Share {
    std::atomic<uint64_t> next_and_end{0};
  };

  void run(Work work, void* context, int64_t tasks);
  void take(int member);
  void do_task(int64_t task, int member);
  void wait_for_call(uint32_t seen);
  void wait_for_tasks();

  Team team_;
  std::unique_ptr<Share[]> shares_;
  Work work_ = nullptr;
  void* context_ = nullptr;
  std::atomic<int> shared_{0};  // shares in use
  std::atomic<bool> closed_{false};
  alignas(64) std::atomic<int> count_{1};
  alignas(64) std::atomic<uint32_t> calls_{0};  // how often there were new tasks
  alignas(64) std::atomic<int64_t> left_{0};    // tasks that are not done
  // For those who have waited too long to stay awake.
  alignas(64) std::atomic<int> sleeping_{0};
  std::atomic<bool> caller_sleeps_{false};
  std::mutex mutex_;
  std::condition_variable called_, done_;
};

// The jobs of a call.
class Crew {
 public:
  // Jobs 0 ... jobs - 1; at most `most` threads at one job.
  Crew(size_t jobs, int most) : jobs_(jobs), most_(most) {}

  // A thread's part in it.
  class Worker {
   public:
    Worker(Crew& crew, const int* stop) : crew_(crew), stop_(stop) {}
    ~Worker() { end_job(); }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Ends the last job and takes the next. If there is none, helps until the others are over, too: false.
    bool next();
    size_t job() const { return job_; }
    const Team* team() const { return mine_ ? &mine_->team() : nullptr; }

   private:
    void end_job();
    Crew& crew_;
    const int* const stop_;
    size_t job_ = 0;
    Members* mine_ = nullptr;
  };

 private:
  Members* fewest() const;

  const size_t jobs_;
  const int most_;
  std::mutex mutex_;
  size_t next_ = 0;
  std::vector<std::unique_ptr<Members>> all_;  // of jobs that were begun; kept, since somebody may look at them
  std::vector<Members*> open_;                 // of those that run
};

}  // namespace descend
