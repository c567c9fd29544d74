// `Ensemble` for Python: networks that answer together, made from plain values and checked once.
#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "door/answer.hpp"
#include "door/arrays.hpp"
#include "door/plan.hpp"

namespace descend {

// Fields are what engine/ensemble.py makes of its classes. All weights are copied.
class OwnedEnsemble {
 public:
  OwnedEnsemble(nb::tuple columns, nb::list steps, nb::list nets, nb::list shares);
  OwnedEnsemble(const OwnedEnsemble&) = delete;
  OwnedEnsemble& operator=(const OwnedEnsemble&) = delete;

  // numbers (n, m) float64, codes (n, m) int64, given (m, n) float32, output (m, n_d) float64.
  void answer(nb::object numbers, nb::object codes, nb::object given, nb::object output) const;

 private:
  void add_net(const nb::tuple& net);
  Ensemble ensemble_;
  std::vector<nb::object> plans_;  // what the networks' plans live in
};

}  // namespace descend
