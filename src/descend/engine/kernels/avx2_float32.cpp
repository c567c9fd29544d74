#include "kernels/avx2.hpp"

namespace descend {

const Kernels<float> AVX2_FLOAT32 = table<float>();

}  // namespace descend
