#include "kernels/avx512.hpp"

namespace descend {

const Kernels<double> AVX512_FLOAT64 = table<double>();

}  // namespace descend
