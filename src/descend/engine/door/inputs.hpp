// Rows of inputs, borrowed and checked: an array, or of a plan with fields a tuple (numbers, codes, shares, values).
#pragma once

#include <nanobind/nanobind.h>

#include <optional>

#include "contract/plan.hpp"
#include "door/arrays.hpp"
#include "door/plan.hpp"

namespace descend {

// How many rows there are.
int64_t rows_of(const OwnedPlan& owned, nb::handle given, const char* name);

class BorrowedInputs {
 public:
  BorrowedInputs(const OwnedPlan& owned, nb::handle given, const char* name, int64_t rows);

  template <class T>
  InputRows<T> view() const {
    return {numbers_.as<T>(), codes_ ? codes_->as<const uint16_t>() : nullptr, shares_ ? shares_->as<T>() : nullptr,
            values_ ? values_->as<const double>() : nullptr};
  }

 private:
  const Array numbers_;
  const std::optional<Array> codes_, shares_, values_;
};

}  // namespace descend
