#include "kernels/baseline.hpp"

namespace descend {

const Kernels<float> BASELINE_FLOAT32 = table<float>();

}  // namespace descend
