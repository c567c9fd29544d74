// The table of instruction sets that were compiled in, and the choice among those that the processor has.
#include "kernels/dispatch.hpp"

#include <atomic>
#include <cstdlib>

#include "kernels/cpu.hpp"

namespace descend {
namespace {

const Isa* const COMPILED[] = {
#if defined(__x86_64__) || defined(_M_X64)
    &ISA_AVX512,
    &ISA_AVX2,
    &ISA_BASELINE,
#elif defined(__aarch64__)
    &ISA_NEON,
#else
    &ISA_BASELINE,
#endif
    &ISA_SCALAR,
};

const Isa* best() {
  for (const Isa* one : COMPILED)
    if (one->available()) return one;
  return &ISA_SCALAR;
}

std::atomic<const Isa*>& chosen() {
  static std::atomic<const Isa*> one{best()};
  return one;
}

bool is_off(const char* variable) {
  const char* value = std::getenv(variable);
  return value && std::string(value) == "0";
}

std::atomic<LanesUse>& lanes_switch() {
  static std::atomic<LanesUse> use{is_off("DESCEND_LANES") ? LANES_NEVER : LANES_WHERE_WORTH};
  return use;
}

}  // namespace

LanesUse lanes_use() { return lanes_switch().load(); }
void use_lanes(LanesUse use) { lanes_switch().store(use); }

std::vector<std::string> isa_names() {
  std::vector<std::string> names;
  for (const Isa* one : COMPILED)
    if (one->available()) names.emplace_back(one->name);
  return names;
}

const Isa& isa() { return *chosen().load(); }

bool use_isa(const std::string& name) {
  for (const Isa* one : COMPILED)
    if (one->available() && name == one->name) {
      chosen().store(one);
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
