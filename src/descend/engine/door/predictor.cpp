// Borrow the row, look at it, make the result, call the kernel.
#include "door/predictor.hpp"

#include <cstring>
#include <type_traits>

#include "kernels/cpu.hpp"
#include "kernels/dispatch.hpp"

namespace descend {
namespace {

constexpr int64_t KEEP_GIL_BELOW = 1 << 18;  // weights; from there a call takes more than about 10 microseconds

// A buffer of anything, given back when this ends; empty if the object has none of that kind.
class Borrowed {
 public:
  Borrowed(nb::handle object, int flags) {
    if (PyObject_CheckBuffer(object.ptr()) && PyObject_GetBuffer(object.ptr(), &view_, flags) == 0) return;
    PyErr_Clear();
    view_.obj = nullptr;
  }
  ~Borrowed() { PyBuffer_Release(&view_); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;

  bool empty() const { return view_.obj == nullptr; }
  const Py_buffer& view() const { return view_; }

 private:
  Py_buffer view_{};
};

// A number is finite if the bits of its exponent are not all 1.
template <class T>
bool all_finite(const T* x, int64_t n) {
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  constexpr Bits EXPONENT = sizeof(T) == 4 ? Bits{0x7F800000} : static_cast<Bits>(0x7FF0000000000000);
  Bits broken = 0;
  for (int64_t i = 0; i < n; i++) {
    Bits bits;
    std::memcpy(&bits, x + i, sizeof bits);
    broken |= static_cast<Bits>((bits & EXPONENT) == EXPONENT);
  }
  return broken == 0;
}

// Bytes from one number to the next; ctypes leaves that open for what lies one after the other.
Py_ssize_t step_of(const Py_buffer& view) { return view.strides ? view.strides[0] : view.itemsize; }

template <class N, class T>
void copy_numbers(const Py_buffer& view, T* to) {
  const char* at = static_cast<const char*>(view.buf);
  for (int64_t i = 0; i < view.shape[0]; i++, at += step_of(view)) {
    N one;
    std::memcpy(&one, at, sizeof one);
    to[i] = static_cast<T>(one);
  }
}

// n floats of either type, as they lie in memory if the kernel can read them, else copied; or null.
template <class T>
const T* numbers_of(const Py_buffer& view, int64_t n, T* copy) {
  if (view.ndim != 1 || view.shape[0] != n || !view.format) return nullptr;
  const bool is_float = std::strcmp(view.format, "f") == 0, is_double = std::strcmp(view.format, "d") == 0;
  const bool in_place =
      step_of(view) == static_cast<Py_ssize_t>(sizeof(T)) && reinterpret_cast<uintptr_t>(view.buf) % alignof(T) == 0;
  if (in_place && (std::is_same_v<T, float> ? is_float : is_double)) return static_cast<const T*>(view.buf);
  if (is_float) copy_numbers<float>(view, copy);
  if (is_double) copy_numbers<double>(view, copy);
  return is_float || is_double ? copy : nullptr;
}

// n Python floats and ints in a list or tuple, copied; or null. Exact types only, so none of their code is run.
template <class T>
const T* numbers_of(nb::handle row, int64_t n, T* copy) {
  if (!PyList_CheckExact(row.ptr()) && !PyTuple_CheckExact(row.ptr())) return nullptr;
  if (PySequence_Fast_GET_SIZE(row.ptr()) != n) return nullptr;
  PyObject** items = PySequence_Fast_ITEMS(row.ptr());
  for (int64_t i = 0; i < n; i++) {
    if (!PyFloat_CheckExact(items[i]) && !PyLong_CheckExact(items[i])) return nullptr;
    const double one = PyFloat_AsDouble(items[i]);
    if (one == -1.0 && PyErr_Occurred()) {  // an int beyond every float
      PyErr_Clear();
      return nullptr;
    }
    copy[i] = static_cast<T>(one);
  }
  return copy;
}

// n numbers of one kind that lie as the kernel reads them, in whatever shape; or null.
template <class X>
const X* in_place(const Borrowed& given, int64_t n) {
  if (given.empty()) return nullptr;
  const Py_buffer& view = given.view();
  const char* format = std::is_same_v<X, float> ? "f" : std::is_same_v<X, double> ? "d" : "H";
  const bool fits = view.format && std::strcmp(view.format, format) == 0 &&
                    view.len == n * static_cast<Py_ssize_t>(sizeof(X)) &&
                    (n == 0 || reinterpret_cast<uintptr_t>(view.buf) % alignof(X) == 0);
  return fits ? static_cast<const X*>(view.buf) : nullptr;
}

int64_t itemsize_of(const Plan& plan) { return plan.is_double ? sizeof(double) : sizeof(float); }

// Scratch memory of a call: the kernel's, then a copy of the row.
size_t room_size(const Plan& plan) {
  const auto itemsize = static_cast<size_t>(itemsize_of(plan));
  return one_row_workspace(plan.network, itemsize) + static_cast<size_t>(plan.network.n_0) * itemsize;
}

// Where the result goes.
template <class T>
T* checked_output(const Plan& plan, const Borrowed& output) {
  const bool fits = !output.empty() && output.view().len == plan.network.n_d * itemsize_of(plan) &&
                    reinterpret_cast<uintptr_t>(output.view().buf) % alignof(T) == 0;
  if (!fits) value_error("`new_result` does not fit.");
  return static_cast<T*>(output.view().buf);
}

}  // namespace

Predictor::Predictor(const OwnedPlan& owned, nb::object new_result)
    : owned_(owned), new_result_(std::move(new_result)), room_(room_size(owned.get())) {
  const Array checked(new_result_(), {"new_result", owned.dtype(), {owned.get().network.n_d}, true});
  std::memset(room_.get(), 0, room_size(owned.get()));
}

nb::object Predictor::predict_row(nb::handle theta, nb::handle row) {
  const Plan& plan = owned_.get();
  if (plan.network.theta_size < KEEP_GIL_BELOW) return predict_in({room_.get(), false}, theta, row);
  const Block room(room_size(plan));
  std::memset(room.get(), 0, room_size(plan));
  return predict_in({room.get(), true}, theta, row);
}

nb::object Predictor::predict_in(const Place& place, nb::handle theta, nb::handle row) {
  return owned_.get().is_double ? predict_typed<double>(place, theta, row) : predict_typed<float>(place, theta, row);
}

template <class T>
nb::object Predictor::predict_typed(const Place& place, nb::handle theta, nb::handle row) {
  if (owned_.get().network.n_fields > 0) return predict_coded<T>(place, theta, row);
  const Network& net = owned_.get().network;
  const Borrowed borrowed(row, PyBUF_RECORDS_RO);
  nb::object result = new_result_();
  const Borrowed output(result, PyBUF_WRITABLE);
  T* v_d = checked_output<T>(owned_.get(), output);
  const T* weights = static_cast<const T*>(weights_of(theta));
  // From here on nothing of Python runs, so no other call can come between.
  T* copy = reinterpret_cast<T*>(static_cast<char*>(place.room) + one_row_workspace(net, sizeof(T)));
  const T* x = borrowed.empty() ? numbers_of(row, net.n_0, copy) : numbers_of(borrowed.view(), net.n_0, copy);
  if (!x || !all_finite(x, net.n_0)) return nb::none();
  compute<T>(place, weights, {x}, v_d);
  return result;
}

template <class T>
nb::object Predictor::predict_coded(const Place& place, nb::handle theta, nb::handle row) {
  const Network& net = owned_.get().network;
  if (!PyTuple_CheckExact(row.ptr()) || PyTuple_GET_SIZE(row.ptr()) != 3) return nb::none();
  const auto part = [&](int k) { return Borrowed(PyTuple_GET_ITEM(row.ptr(), k), PyBUF_ND | PyBUF_FORMAT); };
  const Borrowed numbers = part(0), codes = part(1), shares = part(2);
  nb::object result = new_result_();
  const Borrowed output(result, PyBUF_WRITABLE);
  T* v_d = checked_output<T>(owned_.get(), output);
  const T* weights = static_cast<const T*>(weights_of(theta));
  const InputRows<T> inputs{in_place<T>(numbers, numbers_of(net)), in_place<uint16_t>(codes, net.n_fields),
                            in_place<T>(shares, net.n_ramps)};
  const bool fits = inputs.x && inputs.codes && inputs.shares && all_finite(inputs.x, numbers_of(net)) &&
                    all_finite(inputs.shares, net.n_ramps);
  if (!fits) return nb::none();
  for (int64_t f = 0; f < net.n_fields; f++)
    if (inputs.codes[f] > net.fields[f].count) return nb::none();
  compute<T>(place, weights, inputs, v_d);
  return result;
}

template <class T>
void Predictor::compute(const Place& place, const T* weights, const InputRows<T>& inputs, T* v_d) {
  std::optional<nb::gil_scoped_release> released;
  if (place.release_gil) released.emplace();
  const FlushDenormals flushed;
  kernels<T>().predict_one(owned_.get(), weights, inputs, v_d, place.room);
}

const void* Predictor::weights_of(nb::handle theta) {
  if (!weights_ || !theta.is(theta_object_)) {
    weights_.reset();
    weights_.emplace(theta, Wanted{"theta", owned_.dtype(), {owned_.get().network.theta_size}});
    theta_object_ = nb::borrow(theta);
  }
  return weights_->as<void>();
}

}  // namespace descend
