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

// When restarts run together in lanes, and when threads share a descent: then "always" means any plan in batches, and
// threads beyond the processors. The bits do not depend on it.
enum Use { NEVER, WHERE_WORTH, ALWAYS, USES };
static const char* const USE_NAMES[USES] = {"never", "where worth", "always"};
Use lanes_use();
void use_lanes(Use use);
Use teams_use();
void use_teams(Use use);

}  // namespace descend
