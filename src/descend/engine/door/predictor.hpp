// `predict_one`: the forward pass of one row with as little around it as can be, under a microsecond for small nets.
#pragma once

#include <nanobind/nanobind.h>

#include <optional>

#include "door/arrays.hpp"
#include "door/plan.hpp"
#include "door/threads.hpp"

namespace descend {

// Made once for a network. Weights are read where they lie at every call, so a change in place is seen at once.
// Threads may share one: the GIL is held, and where the net is big enough to let it go, each call has its own memory.
class Predictor {
 public:
  // The plan must live as long as this; `new_result()` makes an array (n_d,) of the plan's dtype. That is looked at
  // here; a call only looks at its size, for the dtype's name would cost as much as the rest.
  Predictor(const OwnedPlan& owned, nb::object new_result);

  // v_d (n_d,) of `row`, a new array. None if the row is not n_0 finite numbers in an array of floats of either type,
  // or Python's own in a list or tuple: then the caller converts it or says what is wrong. With fields, `row` is a
  // tuple (numbers, codes, shares) of arrays of one row, of the plan's dtype and uint16.
  nb::object predict_row(nb::handle theta, nb::handle row);

 private:
  struct Place {
    void* room;  // scratch memory of this call
    bool release_gil;
  };
  nb::object predict_in(const Place& place, nb::handle theta, nb::handle row);
  template <class T>
  nb::object predict_typed(const Place& place, nb::handle theta, nb::handle row);
  template <class T>
  nb::object predict_coded(const Place& place, nb::handle theta, nb::handle row);
  template <class T>
  void compute(const Place& place, const T* weights, const InputRows<T>& inputs, T* v_d);
  const void* weights_of(nb::handle theta);

  const OwnedPlan& owned_;
  const nb::object new_result_;
  const Block room_;
  nb::object theta_object_;  // what weights_ borrows from
  std::optional<Array> weights_;
};

}  // namespace descend
