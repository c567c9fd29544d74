// Steps from values to inputs by index (entries/steps.hpp), made from Python's tuples and checked: no place, code or
// node that they ever reach lies outside.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>

#include "entries/steps.hpp"

namespace descend {

// (name, arguments ...) as engine/ensemble.py has them.
std::unique_ptr<Step> step_of(const nanobind::tuple& fields, const Columns& columns);

}  // namespace descend
