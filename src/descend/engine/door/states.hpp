// The states' buffers, borrowed and checked: size, alignment, no overlap, counters that fit the plan.
#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "contract/plan.hpp"
#include "door/arrays.hpp"

namespace descend {

class BorrowedStates {
 public:
  BorrowedStates(const Plan& plan, const nb::tuple& buffers);

  // Those that have something to do; the learning rates of `task` must cover their rounds.
  std::vector<void*> running(const Plan& plan, const Task& task) const;

 private:
  std::vector<Array> arrays_;
};

}  // namespace descend
