// The checks of door/arrays.hpp, by the buffer protocol.
#include "door/arrays.hpp"

#include <cstring>

namespace descend {
namespace {

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "(";
  for (size_t k = 0; k < shape.size(); k++) text += (k ? ", " : "") + std::to_string(shape[k]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::string quoted(const char* name) { return "`" + std::string(name) + "`"; }

// The numpy name of a buffer's format, or the format itself.
std::string dtype_of(const Py_buffer& view) {
  std::string format = view.format ? view.format : "B";
  const bool native = format.size() == 2 && std::strchr("@=<", format[0]);
  if (native) format = format.substr(1);
  if (format == "f") return "float32";
  if (format == "d") return "float64";
  if (format == "B") return "uint8";
  if (format == "H" && view.itemsize == 2) return "uint16";
  if ((format == "l" || format == "q") && view.itemsize == 8) return "int64";
  return "format \"" + format + "\"";
}

std::vector<int64_t> lengths_of(const Py_buffer& view) { return {view.shape, view.shape + view.ndim}; }

void borrow(nb::handle object, const char* name, Py_buffer& view) {
  if (PyObject_GetBuffer(object.ptr(), &view, PyBUF_FULL_RO) == 0) return;
  PyErr_Clear();
  type_error(quoted(name) + " must be an array; got " + nb::type_name(object.type()).c_str() + ".");
}

std::string complaint(const Py_buffer& view, const Wanted& wanted) {
  if (lengths_of(view) != wanted.shape)
    return " must have shape " + shape_text(wanted.shape) + "; got " + shape_text(lengths_of(view)) + ".";
  if (!PyBuffer_IsContiguous(&view, 'C')) return " must be C-contiguous; pass numpy.ascontiguousarray of it.";
  if (wanted.writable && view.readonly) return " must be writable; it is read-only.";
  const size_t alignment = wanted.alignment ? wanted.alignment : static_cast<size_t>(view.itemsize);
  if (view.len > 0 && reinterpret_cast<uintptr_t>(view.buf) % alignment != 0)
    return " must begin at a multiple of " + std::to_string(alignment) + " bytes in memory.";
  return "";
}

}  // namespace

void type_error(const std::string& text) { throw nb::type_error(("engine: " + text).c_str()); }
void value_error(const std::string& text) { throw nb::value_error(("engine: " + text).c_str()); }

int64_t whole(nb::handle given, const char* name, int64_t least, int64_t most) {
  const nb::object number = nb::steal(PyNumber_Index(given.ptr()));
  if (!number.is_valid()) {
    PyErr_Clear();
    type_error(quoted(name) + " must be an int; got " + nb::type_name(given.type()).c_str() + ".");
  }
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
  if (overflow || value < least || value > most)
    value_error(quoted(name) + " must be from " + std::to_string(least) + " to " + std::to_string(most) + "; got " +
                nb::str(number).c_str() + ".");
  return value;
}

double number(nb::handle given, const char* name) {
  const double value = PyFloat_AsDouble(given.ptr());
  if (PyErr_Occurred()) {
    PyErr_Clear();
    type_error(quoted(name) + " must be a number.");
  }
  return value;
}

Array::Array(nb::handle object, const Wanted& wanted) {
  borrow(object, wanted.name, view_);
  const std::string dtype = dtype_of(view_), wrong = complaint(view_, wanted);
  if (dtype == wanted.dtype && wrong.empty()) return;
  PyBuffer_Release(&view_);
  if (dtype != wanted.dtype) type_error(quoted(wanted.name) + " must be " + wanted.dtype + "; got " + dtype + ".");
  value_error(quoted(wanted.name) + wrong);
}

Array::Array(Array&& other) noexcept : view_(other.view_) { other.view_.obj = nullptr; }

Array::~Array() { PyBuffer_Release(&view_); }

std::vector<int64_t> shape_of(nb::handle object, const char* name, int dimensions) {
  Py_buffer view;
  borrow(object, name, view);
  const std::vector<int64_t> shape = lengths_of(view);
  PyBuffer_Release(&view);
  if (static_cast<int>(shape.size()) != dimensions)
    value_error(quoted(name) + " must have " + std::to_string(dimensions) + " dimensions; got shape " +
                shape_text(shape) + ".");
  return shape;
}

}  // namespace descend
