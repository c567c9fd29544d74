// A Plan that owns its arrays, made from a dict of plain values and checked: codes in range, sizes that cannot
// overflow.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <vector>

#include "contract/plan.hpp"

namespace descend {

class OwnedPlan {
 public:
  // Fields: sizes, activations, loss, loss_parameter, bias, straight_through, is_double, rows, validation_rows, rounds,
  // batch_size, optimizer, momentum, beta_1, beta_2, epsilon, l2, sampling, validate_every, patience, dropout (one for
  // each hidden layer, or none), front_scale, learning_rate_factors, decay_factors (2 d + 1, or none), decay_varies,
  // fields ((is ramps, first, count, value) each, or none: the inputs come as they are). Enumerations are numbers,
  // indices into the lists of names.
  explicit OwnedPlan(nanobind::dict fields);
  OwnedPlan(const OwnedPlan&) = delete;
  OwnedPlan& operator=(const OwnedPlan&) = delete;

  const Plan& get() const { return plan_; }
  const char* dtype() const { return plan_.is_double ? "float64" : "float32"; }

  // The same network and penalty as a batch of `rows` rows.
  Plan batch(int64_t rows, double l2) const;

 private:
  Plan plan_{};
  std::vector<Layer> layers_;
  std::vector<double> loss_parameter_;
  std::vector<Factors> factors_;
  std::vector<Field> fields_;
};

}  // namespace descend
