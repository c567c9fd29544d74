#include "kernels/neon.hpp"

namespace descend {

const Kernels<double> NEON_FLOAT64 = table<double>();

}  // namespace descend
