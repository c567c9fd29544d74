// Kernels for whatever the compiler takes for granted: vector types, no fma. Its bits are its own.
#include "kernels/cpu.hpp"
#include "kernels/table.hpp"

namespace descend {

const Isa ISA_BASELINE{"baseline", always, table<float>(), table<double>()};

}  // namespace descend
