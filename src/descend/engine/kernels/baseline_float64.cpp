#include "kernels/baseline.hpp"

namespace descend {

const Kernels<double> BASELINE_FLOAT64 = table<double>();

}  // namespace descend
