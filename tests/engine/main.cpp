// Tests of the engine without Python: built with AddressSanitizer and UBSan, every read and write of the kernels is
// watched; with ThreadSanitizer, what threads share. Exit code 0 and four lines, or 1 and what is different; the
// sanitizers end the program themselves.
#include <cstdio>
#include <cstdlib>

#include "tests.hpp"

// Fresh memory is filled with rubbish, so that nothing can depend on zeros that nobody wrote.
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() {
  return "max_malloc_fill_size=1000000000:detect_stack_use_after_return=1";
}
extern "C" __attribute__((visibility("default"))) const char* __ubsan_default_options() { return "print_stacktrace=1"; }

static void say(const char* text, int64_t count) {
  std::printf(text, static_cast<long long>(count));
  std::fflush(stdout);
}

int main(int count, char** words) {
  using namespace descend::tests;
  const Part part{count == 3 ? std::atoi(words[1]) : 1, count == 3 ? std::atoi(words[2]) : 1};
  if ((count != 1 && count != 3) || part.number < 1 || part.number > part.of) {
    std::fprintf(stderr, "usage: engine_tests [PART PARTS], for instance 1 2 and 2 2 side by side\n");
    return 2;
  }
  say("training: %lld runs as the scalar twin's\n", check_training(part));
  say("single calls: %lld as the scalar twin's\n", check_single_calls(part));
  say("teams: %lld runs, as alone and without a hang\n", check_teams(part));
  say("allocations: %lld runs allocate nothing in their loops\n", part.number == 1 ? check_allocations() : 0);
  return 0;
}
