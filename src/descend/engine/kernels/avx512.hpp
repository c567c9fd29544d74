// The kernels for AVX-512 (F, VL, DQ, BW): 16 floats in one register.
#pragma once

#if !defined(__AVX2__) || !defined(__FMA__) || !defined(__AVX512F__) || !defined(__AVX512VL__) || \
    !defined(__AVX512DQ__) || !defined(__AVX512BW__)
#error "The kernels of avx512 need -mavx2 -mfma -mavx512f -mavx512vl -mavx512dq -mavx512bw."
#endif

#include "kernels/table.hpp"
