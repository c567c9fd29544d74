// The kernels for whatever the compiler takes for granted: vector types, no fma. Its bits are its own.
#pragma once

#include "kernels/table.hpp"
