// Kernels for AVX-512 (F, VL, DQ, BW): 16 floats in one register.
#include "cpu.hpp"
#include "kernels_body.hpp"

namespace descend {

const Isa ISA_AVX512{"avx512", cpu_has_avx512, table<float>(), table<double>()};

}  // namespace descend
