// The table of instruction sets that were compiled in, and the choice among those that the processor has.
#include "kernels/dispatch.hpp"

#include <atomic>
#include <cstdlib>

#include "kernels/cpu.hpp"

namespace descend {
namespace {

const Isa COMPILED[] = {
#if defined(__x86_64__) || defined(_M_X64)
    {"avx512", cpu_has_avx512, AVX512_FLOAT32, AVX512_FLOAT64},
    {"avx2", cpu_has_avx2, AVX2_FLOAT32, AVX2_FLOAT64},
    {"baseline", always, BASELINE_FLOAT32, BASELINE_FLOAT64},
#elif defined(__aarch64__)
    {"neon", always, NEON_FLOAT32, NEON_FLOAT64},
#else
    {"baseline", always, BASELINE_FLOAT32, BASELINE_FLOAT64},
#endif
    {"scalar", always, SCALAR_FLOAT32, SCALAR_FLOAT64},
};

const Isa* best() {
  for (const Isa& one : COMPILED)
    if (one.available()) return &one;
  return nullptr;  // not reached: the last is always there
}

std::atomic<const Isa*>& chosen() {
  static std::atomic<const Isa*> one{best()};
  return one;
}

bool is_off(const char* variable) {
  const char* value = std::getenv(variable);
  return value && std::string(value) == "0";
}

std::atomic<Use>& lanes_switch() {
  static std::atomic<Use> use{is_off("DESCEND_LANES") ? NEVER : WHERE_WORTH};
  return use;
}

std::atomic<Use>& teams_switch() {
  static std::atomic<Use> use{is_off("DESCEND_TEAMS") ? NEVER : WHERE_WORTH};
  return use;
}

}  // namespace

Use lanes_use() { return lanes_switch().load(); }
void use_lanes(Use use) { lanes_switch().store(use); }
Use teams_use() { return teams_switch().load(); }
void use_teams(Use use) { teams_switch().store(use); }

std::vector<std::string> isa_names() {
  std::vector<std::string> names;
  for (const Isa& one : COMPILED)
    if (one.available()) names.emplace_back(one.name);
  return names;
}

const Isa& isa() { return *chosen().load(); }

bool use_isa(const std::string& name) {
  for (const Isa& one : COMPILED)
    if (one.available() && name == one.name) {
      chosen().store(&one);
      return true;
    }
  return false;
}

template <>
const Kernels<float>& kernels<float>() {
  return isa().float32;
}
template <>
const Kernels<double>& kernels<double>() {
  return isa().float64;
}

}  // namespace descend
