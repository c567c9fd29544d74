// Kernels for aarch64 NEON: 4 floats in one register; every such processor has it.
#if !defined(__aarch64__)
#error "The kernels of neon are for aarch64."
#endif

#include "kernels/cpu.hpp"
#include "kernels/table.hpp"

namespace descend {

const Isa ISA_NEON{"neon", always, table<float>(), table<double>()};

}  // namespace descend
