// Kernels for AVX2 and FMA: 8 floats in one register.
#if !defined(__AVX2__) || !defined(__FMA__)
#error "The kernels of avx2 need -mavx2 -mfma."
#endif

#include "kernels/cpu.hpp"
#include "kernels/table.hpp"

namespace descend {

const Isa ISA_AVX2{"avx2", cpu_has_avx2, table<float>(), table<double>()};

}  // namespace descend
