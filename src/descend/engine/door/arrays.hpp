// Arrays and whole numbers from Python, checked: dtype, shape, contiguity, alignment, writability. What does not fit is
// a TypeError or a ValueError that names the argument.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <string>
#include <vector>

namespace descend {

namespace nb = nanobind;

constexpr int64_t MOST_ROWS = (int64_t{1} << 32) - 1;

// What an argument must be.
struct Wanted {
  const char* name;
  const char* dtype;  // "float32", "float64", "int64", "uint16" or "uint8"
  std::vector<int64_t> shape;
  bool writable = false;
  size_t alignment = 0;  // 0: that of the dtype
};

[[noreturn]] void type_error(const std::string& text);
[[noreturn]] void value_error(const std::string& text);

// A whole number within bounds.
int64_t whole(nb::handle given, const char* name, int64_t least, int64_t most);

// Any number as a float64.
double number(nb::handle given, const char* name);

// A borrowed buffer, given back when this ends.
class Array {
 public:
  Array(nb::handle object, const Wanted& wanted);
  Array(Array&& other) noexcept;
  ~Array();
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  template <class T>
  T* as() const {
    return static_cast<T*>(view_.buf);
  }
  int64_t size() const { return view_.len / view_.itemsize; }

 private:
  Py_buffer view_;
};

// The shape of anything with a buffer and that many dimensions.
std::vector<int64_t> shape_of(nb::handle object, const char* name, int dimensions);

}  // namespace descend
