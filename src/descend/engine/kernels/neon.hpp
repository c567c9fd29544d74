// The kernels for aarch64 NEON: 4 floats in one register; every such processor has it.
#pragma once

#if !defined(__aarch64__)
#error "The kernels of neon are for aarch64."
#endif

#include "kernels/table.hpp"
