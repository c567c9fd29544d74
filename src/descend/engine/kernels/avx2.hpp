// The kernels for AVX2 and FMA: 8 floats in one register.
#pragma once

#if !defined(__AVX2__) || !defined(__FMA__)
#error "The kernels of avx2 need -mavx2 -mfma."
#endif

#include "kernels/table.hpp"
