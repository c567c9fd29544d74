// Which instruction set computes.
#pragma once

#include <string>
#include <vector>

#include "contract/kernels.hpp"

namespace descend {

// Those that this machine has, best first; the scalar twin is the last.
std::vector<std::string> isa_names();

// The one in use: the best, until `use_isa` says otherwise.
const Isa& isa();

// False if this machine has no such instruction set.
bool use_isa(const std::string& name);

template <class T>
const Kernels<T>& kernels();

// When restarts run together in lanes; the bits do not depend on it.
enum LanesUse { LANES_NEVER, LANES_WHERE_WORTH, LANES_ALWAYS, LANES_USES };
static const char* const LANES_USE_NAMES[LANES_USES] = {"never", "where worth", "always"};
LanesUse lanes_use();
void use_lanes(LanesUse use);

}  // namespace descend
