// std::thread workers made for each call, so that nothing is left behind for a fork.
#include "door/threads.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
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
constexpr std::align_val_t LINE{64};
constexpr size_t HUGE_PAGE = size_t{2} << 20, MANY = 2 * HUGE_PAGE;  // from so many bytes on in huge pages

#ifdef MADV_HUGEPAGE
// Fresh pages, since memory that has been used stays in the pages it has: small ones, spread over the sets of the
// caches as luck will have it. `bytes` becomes what is taken; null if there is none.
void* in_huge_pages(size_t& bytes) {
  if (bytes > PTRDIFF_MAX - 2 * HUGE_PAGE) return nullptr;
  const size_t wanted = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE, taken = wanted + HUGE_PAGE;
  void* const all = mmap(nullptr, taken, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) return nullptr;
  char* const start = static_cast<char*>(all);
  const size_t before = (HUGE_PAGE - reinterpret_cast<uintptr_t>(start) % HUGE_PAGE) % HUGE_PAGE;
  if (before > 0) munmap(start, before);
  munmap(start + before + wanted, taken - before - wanted);
  madvise(start + before, wanted, MADV_HUGEPAGE);  // a refusal costs time, nothing else
  bytes = wanted;
  return start + before;
}
void give_back(void* memory, size_t bytes) { munmap(memory, bytes); }
#else
void* in_huge_pages(size_t&) { return nullptr; }
void give_back(void*, size_t) {}
#endif

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

Block::Block(size_t bytes) : bytes_(bytes) {
  if (bytes < MANY || !(memory_ = in_huge_pages(bytes_)))
    memory_ = ::operator new(bytes > 0 ? bytes : 1, LINE), bytes_ = 0;
}
Block::~Block() {
  if (bytes_ > 0)
    give_back(memory_, bytes_);
  else
    ::operator delete(memory_, LINE);
}

}  // namespace descend
