#include "kernels/avx512.hpp"

namespace descend {

const Kernels<float> AVX512_FLOAT32 = table<float>();

}  // namespace descend
