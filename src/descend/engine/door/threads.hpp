// Workers for one call, and the call that waits for them. Nothing of Python here.
#pragma once

#include <cstddef>
#include <functional>

namespace descend {

// What a worker does; `stop` becomes not 0 when it shall end at the next opportunity.
using Work = std::function<void(const int* stop)>;

// Runs `work` on `workers` threads, denormals flushed, and waits. Every 50 ms the calling thread asks `interrupted`: if
// that is true or throws, the workers are stopped. All threads have ended when this returns. What was thrown, by
// `interrupted` or by a worker, goes on to the caller.
void run_workers(int workers, const Work& work, const std::function<bool()>& interrupted);

// Scratch memory of a worker, 64-byte aligned, in huge pages if it is large and the system has them: fresh pages of
// 4 KB cost a batch its time where a call has few. Throws std::bad_alloc.
class Block {
 public:
  explicit Block(size_t bytes);
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  void* get() const { return memory_; }

 private:
  size_t bytes_;  // that came in huge pages, or 0
  void* memory_ = nullptr;
};

}  // namespace descend
