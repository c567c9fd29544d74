// `predict_one`, and `predict` of few rows: the forward pass with as little around it as can be, under a microsecond
// for one row of a small net.
#pragma once

#include <nanobind/nanobind.h>

#include <optional>

#include "door/arrays.hpp"
#include "door/plan.hpp"
#include "door/threads.hpp"

namespace descend {

// Made once for a network. Weights are read where they lie at every call, so a change in place is seen at once.
// Threads may share one: the GIL is held, and where there is work enough to let it go, each call has its own memory.
class Predictor {
 public:
  // The plan must live as long as this; `empty(shape, dtype)` makes an array of the plan's dtype. That is looked at
  // here; a call only looks at its size, for the dtype's name would cost as much as the rest.
  Predictor(const OwnedPlan& owned, nb::object empty, nb::object dtype);

  // v_d (n_d,) of `row`, a new array. None if the row is not n_0 finite numbers in an array of floats of either type,
  // or Python's own in a list or tuple, or if the result is not finite: then the caller converts it or says what is
  // wrong. With fields, `row` is a tuple (numbers, codes, shares) of arrays of one row, of the plan's dtype and uint16.
  nb::object predict_row(nb::handle theta, nb::handle row);

  // v_d (m, n_d) of X (m, n_0), a new array. None if X is no array of finite floats of either type, if theta does not
  // fit, if the result is not finite, if there is so much to do that threads may be worth their while, or with fields.
  nb::object predict_rows(nb::handle theta, nb::handle X);

 private:
  template <class T>
  nb::object row_typed(nb::handle theta, nb::handle row);
  template <class T>
  nb::object rows_typed(nb::handle theta, nb::handle X);
  template <class T>
  nb::object coded_typed(nb::handle theta, nb::handle row);
  template <class T>
  bool computed(const T* weights, const InputRows<T>& row, void* room, T* v_d) const;
  const void* weights_of(nb::handle theta);

  const OwnedPlan& owned_;
  const nb::object empty_, dtype_, n_d_;
  const Block room_;
  nb::object theta_object_;  // what weights_ borrows from
  std::optional<Array> weights_;
};

}  // namespace descend
