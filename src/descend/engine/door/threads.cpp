// std::thread workers made for each call, so that nothing is left behind for a fork.
#include "door/threads.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include "kernels/cpu.hpp"

namespace descend {
namespace {

constexpr auto POLL_TIME = std::chrono::milliseconds(50);
constexpr std::align_val_t LINE{64}, HUGE_PAGE{size_t{2} << 20};
constexpr size_t MANY = size_t{4} << 20;  // bytes from which on huge pages are asked for

// What the workers and the waiting thread share.
struct Crew {
  std::mutex mutex;
  std::condition_variable changed;
  int working = 0;
  int stop = 0;
  std::exception_ptr thrown;

  void ask_to_stop() { __atomic_store_n(&stop, 1, __ATOMIC_RELAXED); }
};

void one_worker(Crew& crew, const Work& work) {
  std::exception_ptr thrown;
  try {
    const FlushDenormals flushed;
    work(&crew.stop);
  } catch (...) {
    thrown = std::current_exception();
    crew.ask_to_stop();
  }
  const std::lock_guard<std::mutex> lock(crew.mutex);
  if (thrown && !crew.thrown) crew.thrown = thrown;
  crew.working--;
  crew.changed.notify_one();
}

void wait_for(Crew& crew, const std::function<bool()>& interrupted) {
  std::unique_lock<std::mutex> lock(crew.mutex);
  while (!crew.changed.wait_for(lock, POLL_TIME, [&] { return crew.working == 0; })) {
    lock.unlock();
    if (interrupted()) crew.ask_to_stop();
    lock.lock();
  }
}

}  // namespace

void run_workers(int workers, const Work& work, const std::function<bool()>& interrupted) {
  Crew crew;
  std::vector<std::thread> threads;
  std::exception_ptr thrown;
  try {
    threads.reserve(static_cast<size_t>(workers));
    for (int k = 0; k < workers; k++) {
      {
        const std::lock_guard<std::mutex> lock(crew.mutex);
        crew.working++;
      }
      try {
        threads.emplace_back(one_worker, std::ref(crew), std::cref(work));
      } catch (...) {
        const std::lock_guard<std::mutex> lock(crew.mutex);
        crew.working--;
        throw;
      }
    }
    wait_for(crew, interrupted);
  } catch (...) {
    thrown = std::current_exception();
    crew.ask_to_stop();
  }
  for (std::thread& thread : threads) thread.join();
  if (!thrown) thrown = crew.thrown;
  if (thrown) std::rethrow_exception(thrown);
}

Block::Block(size_t bytes)
    : alignment_(bytes < MANY ? LINE : HUGE_PAGE), memory_(::operator new(bytes > 0 ? bytes : 1, alignment_)) {
#ifdef MADV_HUGEPAGE
  if (alignment_ == HUGE_PAGE) madvise(memory_, bytes, MADV_HUGEPAGE);  // a refusal changes nothing but time
#endif
}
Block::~Block() { ::operator delete(memory_, alignment_); }

}  // namespace descend
