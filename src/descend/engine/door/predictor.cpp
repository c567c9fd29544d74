// Borrow the row, look at it, make the result, call the kernel.
#include "door/predictor.hpp"

#include <cstring>
#include <type_traits>

#include "kernels/cpu.hpp"
#include "kernels/dispatch.hpp"

namespace descend {
namespace {

constexpr int64_t KEEP_GIL_BELOW = 1 << 18;  // multiply-adds; from there a call takes more than about 10 microseconds
constexpr int64_t ROWS_ONE_BY_ONE = 4;       // a batch pays from 5 rows on: it packs the weights first

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

// Bytes from one entry to the next of a dimension; ctypes leaves that open for what lies one after the other.
Py_ssize_t step_of(const Py_buffer& view, int dimension) {
  return view.strides ? view.strides[dimension] : view.itemsize;
}

template <class N, class T>
void copy_each(const char* at, Py_ssize_t step, int64_t n, T* to) {
  for (int64_t i = 0; i < n; i++) {
    N one;
    std::memcpy(&one, at + i * step, sizeof one);
    to[i] = static_cast<T>(one);
  }
}

// n numbers of type N, `step` bytes apart.
template <class N, class T>
void copy_numbers(const char* at, Py_ssize_t step, int64_t n, T* to) {
  if (step == static_cast<Py_ssize_t>(sizeof(N))) return copy_each<N>(at, sizeof(N), n, to);  // eight at a time
  copy_each<N>(at, step, n, to);
}

enum FloatType { NEITHER, FLOAT32, FLOAT64 };

FloatType float_type(const Py_buffer& view) {
  if (!view.format || view.format[0] == 0 || view.format[1] != 0) return NEITHER;
  return view.format[0] == 'f' ? FLOAT32 : view.format[0] == 'd' ? FLOAT64 : NEITHER;
}

template <class T>
bool lies_in_place(const Py_buffer& view) {
  return float_type(view) == (std::is_same_v<T, float> ? FLOAT32 : FLOAT64) &&
         step_of(view, view.ndim - 1) == static_cast<Py_ssize_t>(sizeof(T)) &&
         reinterpret_cast<uintptr_t>(view.buf) % alignof(T) == 0;
}

template <class T>
void copy_line(const Py_buffer& view, const char* at, int64_t n, T* to) {
  const Py_ssize_t step = step_of(view, view.ndim - 1);
  return float_type(view) == FLOAT32 ? copy_numbers<float>(at, step, n, to) : copy_numbers<double>(at, step, n, to);
}

// n floats of either type, as they lie in memory if the kernel can read them, else copied; or null.
template <class T>
const T* numbers_of(const Py_buffer& view, int64_t n, T* copy) {
  if (view.ndim != 1 || view.shape[0] != n || float_type(view) == NEITHER) return nullptr;
  if (lies_in_place<T>(view)) return static_cast<const T*>(view.buf);
  copy_line(view, static_cast<const char*>(view.buf), n, copy);
  return copy;
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

// A row by index: its three parts as they lie in memory, finite, no code beyond its field; or nothing in x.
template <class T>
InputRows<T> coded_row(const Network& net, const Borrowed& numbers, const Borrowed& codes, const Borrowed& shares) {
  const InputRows<T> row{in_place<T>(numbers, numbers_of(net)), in_place<uint16_t>(codes, net.n_fields),
                         in_place<T>(shares, net.n_ramps)};
  bool fits =
      row.x && row.codes && row.shares && all_finite(row.x, numbers_of(net)) && all_finite(row.shares, net.n_ramps);
  for (int64_t f = 0; f < net.n_fields && fits; f++) fits = row.codes[f] <= net.fields[f].count;
  return fits ? row : InputRows<T>{nullptr};
}

int64_t itemsize_of(const Plan& plan) { return plan.is_double ? sizeof(double) : sizeof(float); }

// RoomOfRow memory of a call for one row: the kernel's, then a copy of the row.
size_t room_size(const Plan& plan) {
  const auto itemsize = static_cast<size_t>(itemsize_of(plan));
  return one_row_workspace(plan.network, itemsize) + static_cast<size_t>(plan.network.n_0) * itemsize;
}

// Such memory: that which the predictor has, or this call's own.
class RoomOfRow {
 public:
  RoomOfRow(const Plan& plan, void* room) : room_(room) {
    if (room) return;
    own_.emplace(room_size(plan));
    room_ = std::memset(own_->get(), 0, room_size(plan));
  }
  void* get() const { return room_; }
  template <class T>
  T* copy(const Network& net) const {
    return reinterpret_cast<T*>(static_cast<char*>(room_) + one_row_workspace(net, sizeof(T)));
  }

 private:
  void* room_;
  std::optional<Block> own_;
};

// Where `empty` made the result: `count` numbers that the kernel may write.
template <class T>
T* writable(const Borrowed& output, int64_t count) {
  const bool fits = !output.empty() && output.view().len == count * static_cast<int64_t>(sizeof(T)) &&
                    reinterpret_cast<uintptr_t>(output.view().buf) % alignof(T) == 0;
  if (!fits) value_error("`empty` makes what does not fit.");
  return static_cast<T*>(output.view().buf);
}

bool keeps_gil(const Network& net) { return net.theta_size < KEEP_GIL_BELOW; }

// ---------------------------------------------------------------- few rows

// Rows (m, n_0) of floats that one call of predict_rows takes: so many at most that a thread alone is done at once.
constexpr int64_t MOST_ROWS_AT_ONCE = 4096, MOST_WORK_AT_ONCE = 20'000'000;

bool may_be_at_once(const Plan& plan, const Borrowed& given) {
  if (given.empty() || plan.network.n_fields > 0) return false;
  const Py_buffer& view = given.view();
  if (view.ndim != 2 || view.shape[1] != plan.network.n_0 || float_type(view) == NEITHER || !view.strides) return false;
  const int64_t rows = view.shape[0];
  return rows == 1 || (rows > 1 && rows <= MOST_ROWS_AT_ONCE && rows * plan.network.theta_size < MOST_WORK_AT_ONCE);
}

// Row after row straight from theta. Each is copied unless the kernel can read it. Whether all numbers are finite.
template <class T>
bool each_row(const Plan& plan, const T* theta, const Py_buffer& X, T* output, const RoomOfRow& room) {
  const Network& net = plan.network;
  const Kernels<T>& kernel = kernels<T>();
  const bool in_place = lies_in_place<T>(X) && X.strides[0] % static_cast<Py_ssize_t>(alignof(T)) == 0;
  const char* at = static_cast<const char*>(X.buf);
  for (int64_t t = 0; t < X.shape[0]; t++, at += X.strides[0], output += net.n_d) {
    const T* x = in_place ? reinterpret_cast<const T*>(at) : room.copy<T>(net);
    if (!in_place) copy_line(X, at, net.n_0, room.copy<T>(net));
    if (!all_finite(x, net.n_0)) return false;
    kernel.predict_one(plan, theta, {x}, output, room.get());
    if (!all_finite(output, net.n_d)) return false;
  }
  return true;
}

// All rows together, packed first where they do not lie one after the other. Whether all numbers are finite.
template <class T>
bool all_rows(const Plan& plan, const T* theta, const Py_buffer& X, T* output) {
  const Network& net = plan.network;
  const Kernels<T>& kernel = kernels<T>();
  const int64_t rows = X.shape[0], count = rows * net.n_0;
  std::optional<Block> packed;
  const T* x = static_cast<const T*>(X.buf);
  if (!lies_in_place<T>(X) || X.strides[0] != net.n_0 * static_cast<Py_ssize_t>(sizeof(T))) {
    packed.emplace(static_cast<size_t>(count) * sizeof(T));
    T* to = static_cast<T*>(packed->get());
    x = to;
    for (int64_t t = 0; t < rows; t++, to += net.n_0)
      copy_line(X, static_cast<const char*>(X.buf) + t * X.strides[0], net.n_0, to);
  }
  if (!all_finite(x, count)) return false;
  const Block room(kernel.workspace(plan, 1));
  kernel.predict(plan, theta, {x}, rows, output, nullptr, room.get());
  return all_finite(output, rows * net.n_d);
}

}  // namespace

Predictor::Predictor(const OwnedPlan& owned, nb::object empty, nb::object dtype)
    : owned_(owned),
      empty_(std::move(empty)),
      dtype_(std::move(dtype)),
      n_d_(nb::int_(owned.get().network.n_d)),
      room_(room_size(owned.get())) {
  const Array checked(empty_(n_d_, dtype_), {"result of empty", owned.dtype(), {owned.get().network.n_d}, true});
  std::memset(room_.get(), 0, room_size(owned.get()));
}

nb::object Predictor::predict_row(nb::handle theta, nb::handle row) {
  return owned_.get().is_double ? row_typed<double>(theta, row) : row_typed<float>(theta, row);
}

nb::object Predictor::predict_rows(nb::handle theta, nb::handle X) {
  return owned_.get().is_double ? rows_typed<double>(theta, X) : rows_typed<float>(theta, X);
}

template <class T>
nb::object Predictor::row_typed(nb::handle theta, nb::handle row) {
  const Plan& plan = owned_.get();
  const Network& net = plan.network;
  if (net.n_fields > 0) return coded_typed<T>(theta, row);
  const RoomOfRow room(plan, keeps_gil(net) ? room_.get() : nullptr);
  const Borrowed borrowed(row, PyBUF_RECORDS_RO);
  nb::object result = empty_(n_d_, dtype_);
  const Borrowed output(result, PyBUF_WRITABLE);
  T* v_d = writable<T>(output, net.n_d);
  const T* weights = static_cast<const T*>(weights_of(theta));
  // From here on nothing of Python runs, so no other call can come between.
  T* copy = room.copy<T>(net);
  const T* x = borrowed.empty() ? numbers_of(row, net.n_0, copy) : numbers_of(borrowed.view(), net.n_0, copy);
  if (!x || !all_finite(x, net.n_0)) return nb::none();
  return computed<T>(weights, {x}, room.get(), v_d) ? result : nb::none();
}

template <class T>
nb::object Predictor::coded_typed(nb::handle theta, nb::handle row) {
  const Plan& plan = owned_.get();
  if (!PyTuple_CheckExact(row.ptr()) || PyTuple_GET_SIZE(row.ptr()) != 3) return nb::none();
  const auto part = [&](int k) { return Borrowed(PyTuple_GET_ITEM(row.ptr(), k), PyBUF_ND | PyBUF_FORMAT); };
  const Borrowed numbers = part(0), codes = part(1), shares = part(2);
  const RoomOfRow room(plan, keeps_gil(plan.network) ? room_.get() : nullptr);
  nb::object result = empty_(n_d_, dtype_);
  const Borrowed output(result, PyBUF_WRITABLE);
  T* v_d = writable<T>(output, plan.network.n_d);
  const T* weights = static_cast<const T*>(weights_of(theta));
  const InputRows<T> own = coded_row<T>(plan.network, numbers, codes, shares);
  return own.x && computed<T>(weights, own, room.get(), v_d) ? result : nb::none();
}

template <class T>
bool Predictor::computed(const T* weights, const InputRows<T>& row, void* room, T* v_d) const {
  const Plan& plan = owned_.get();
  std::optional<nb::gil_scoped_release> released;
  if (!keeps_gil(plan.network)) released.emplace();
  const FlushDenormals flushed;
  kernels<T>().predict_one(plan, weights, row, v_d, room);
  return all_finite(v_d, plan.network.n_d);
}

template <class T>
nb::object Predictor::rows_typed(nb::handle theta, nb::handle X) {
  const Plan& plan = owned_.get();
  const Borrowed given(X, PyBUF_RECORDS_RO);
  if (!may_be_at_once(plan, given)) return nb::none();
  const int64_t rows = given.view().shape[0];
  nb::object result = empty_(nb::make_tuple(rows, n_d_), dtype_);
  const Borrowed output(result, PyBUF_WRITABLE);
  T* v_d = writable<T>(output, rows * plan.network.n_d);
  const T* weights = nullptr;
  try {
    weights = static_cast<const T*>(weights_of(theta));
  } catch (const nb::builtin_exception&) {
    return nb::none();
  }
  const bool keep_gil = rows * plan.network.theta_size < KEEP_GIL_BELOW;
  bool finite = false;
  {
    // From here on nothing of Python runs, so no other call can come between.
    std::optional<nb::gil_scoped_release> released;
    if (!keep_gil) released.emplace();
    const FlushDenormals flushed;
    finite = rows <= ROWS_ONE_BY_ONE
                 ? each_row(plan, weights, given.view(), v_d, RoomOfRow(plan, keep_gil ? room_.get() : nullptr))
                 : all_rows(plan, weights, given.view(), v_d);
  }
  if (!finite) return nb::none();
  return result;
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
