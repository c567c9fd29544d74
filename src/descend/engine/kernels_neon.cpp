// Kernels for aarch64 NEON: 4 floats in one register; every such processor has it.
#include "cpu.hpp"
#include "kernels_body.hpp"

namespace descend {

const Isa ISA_NEON{"neon", always, table<float>(), table<double>()};

}  // namespace descend
