#include "kernels/avx2.hpp"

namespace descend {

const Kernels<double> AVX2_FLOAT64 = table<double>();

}  // namespace descend
