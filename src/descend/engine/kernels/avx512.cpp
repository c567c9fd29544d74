// Kernels for AVX-512 (F, VL, DQ, BW): 16 floats in one register.
#if !defined(__AVX2__) || !defined(__FMA__) || !defined(__AVX512F__) || !defined(__AVX512VL__) || \
    !defined(__AVX512DQ__) || !defined(__AVX512BW__)
#error "The kernels of avx512 need -mavx2 -mfma -mavx512f -mavx512vl -mavx512dq -mavx512bw."
#endif

#include "kernels/cpu.hpp"
#include "kernels/table.hpp"

namespace descend {

const Isa ISA_AVX512{"avx512", cpu_has_avx512, table<float>(), table<double>()};

}  // namespace descend
