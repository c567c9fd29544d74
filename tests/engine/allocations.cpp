// No allocation inside the training loop: a run of 60 epochs allocates exactly as often as a run of 2. That the count
// sees an allocation is shown with a kernel that makes one.
#include <atomic>

#include "cases.hpp"
#include "kernels/cpu.hpp"
#include "kernels/dispatch.hpp"
#include "tests.hpp"

namespace {

std::atomic<int64_t> allocations{0};

}  // namespace

// AddressSanitizer calls this at every malloc and operator new. Built without it, nothing is counted here; the
// Python tests count in the module itself.
extern "C" __attribute__((visibility("default"))) void __sanitizer_malloc_hook(const volatile void*, size_t) {
  allocations.fetch_add(1, std::memory_order_relaxed);
}

namespace descend::tests {
namespace {

constexpr int64_t FEW = 2, MANY = 60;

template <class T>
using Run = void (*)(const Plan&, const Data<T>&, const State<T>&, const Task&, void*);

template <class T>
Run<T> wrapped = nullptr;

// A kernel that allocates: epoch by epoch, and a number on the heap at each.
template <class T>
void allocating_run(const Plan& plan, const Data<T>& data, const State<T>& state, const Task& task, void* room) {
  for (Task epoch = task; state.counters[C_STATUS] == RUNNING && state.counters[C_EPOCH] < task.until_epoch;) {
    epoch.until_epoch = state.counters[C_EPOCH] + 1;
    const std::unique_ptr<volatile T> kept(new volatile T(1));
    wrapped<T>(plan, data, state, epoch, room);
  }
}

// Allocations of one state's run up to an epoch, by a kernel alone.
template <class T>
int64_t alone(const Case<T>& one, const Kernels<T>& kernel, int64_t until_epoch) {
  const FlushDenormals flushed;
  const Buffers buffers = new_states(one);
  const Block room(kernel.workspace(one.plan, 1));
  const int never = 0;
  const Task task = one.task(until_epoch, &never);
  const Data<T> data = one.data();
  const State<T> state = view_state<T>(one.plan, buffers[0]->get());
  const int64_t before = allocations;
  kernel.run(one.plan, data, state, task, room.get());
  return allocations - before;
}

// The same for all restarts in lanes.
template <class T>
int64_t in_lanes(const Case<T>& one, const Kernels<T>& kernel, int64_t until_epoch) {
  const FlushDenormals flushed;
  const Buffers buffers = new_states(one);
  std::vector<State<T>> states;
  for (const auto& buffer : buffers) states.push_back(view_state<T>(one.plan, buffer->get()));
  const Block room(kernel.lanes_workspace(one.plan));
  const int never = 0;
  const Task task = one.task(until_epoch, &never);
  const Data<T> data = one.data();
  const int64_t before = allocations;
  kernel.run_lanes(one.plan, data, states.data(), static_cast<int>(states.size()), task, room.get());
  return allocations - before;
}

template <class T>
int64_t check_case(const Case<T>& one) {
  for (const std::string& isa : isa_names()) {
    if (isa == "scalar") continue;  // the twin takes vectors as it likes
    use_isa(isa);
    Kernels<T> kernel = kernels<T>();
    if (alone(one, kernel, FEW) != alone(one, kernel, MANY)) fail(one.text + " | " + isa, "a run alone allocates");
    if (kernel.lanes > 0 && one.plan.plain && in_lanes(one, kernel, FEW) != in_lanes(one, kernel, MANY))
      fail(one.text + " | " + isa, "a run in lanes allocates");
    wrapped<T> = kernel.run;
    kernel.run = allocating_run<T>;
    if (alone(one, kernel, MANY) < alone(one, kernel, FEW) + MANY - FEW)
      fail(one.text + " | " + isa, "a kernel that allocates is not seen");
  }
  return static_cast<int64_t>(isa_names().size()) - 1;
}

bool counts() {
  const int64_t before = allocations;
  const std::unique_ptr<volatile int> one(new volatile int(1));
  return allocations > before;
}

}  // namespace

int64_t check_allocations() {
#ifdef __SANITIZE_ADDRESS__
  if (!counts()) fail("allocations", "an allocation is not counted");
#endif
  int64_t checked = 0;
  for (int optimizer = SGD; optimizer < OPTIMIZERS && counts(); optimizer++)
    for (const int64_t batch : {1, 7, 64, 300}) {
      Options options{{5, 9, 3}, TANH, SOFTMAX, LOG_LOSS};
      if (batch == 300) options.fields = {{1, 2, 0, true, 1}, {3, 2, 0, false, 1}}, options.rows = 600;
      options.optimizer = static_cast<Optimizer>(optimizer), options.batch_size = batch, options.epochs = MANY;
      options.validation_rows = 9, options.validate_every = batch == 7 ? 5 : 0, options.l2 = 0.01;
      checked += check_case(Case<float>(options)) + check_case(Case<double>(options));
    }
  return checked;
}

}  // namespace descend::tests
