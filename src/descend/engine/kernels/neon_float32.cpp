#include "kernels/neon.hpp"

namespace descend {

const Kernels<float> NEON_FLOAT32 = table<float>();

}  // namespace descend
