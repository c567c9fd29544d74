// The checks of door/inputs.hpp.
#include "door/inputs.hpp"

#include <string>
#include <vector>

namespace descend {
namespace {

enum Part { NUMBERS, CODES, SHARES, VALUES, PARTS };

// One of the arrays of inputs by index.
nb::object part_of(nb::handle given, const std::string& name, Part part) {
  if (!PyTuple_Check(given.ptr()) || PyTuple_GET_SIZE(given.ptr()) != PARTS)
    type_error("`" + name + "` must be a tuple (numbers, codes, shares, values) where the plan has fields; got " +
               nb::type_name(given.type()).c_str() + ".");
  return nb::borrow(PyTuple_GET_ITEM(given.ptr(), part));
}

Array numbers_of(const OwnedPlan& owned, nb::handle given, const std::string& name, int64_t rows) {
  const Network& net = owned.get().network;
  if (net.n_fields == 0) return {given, {name.c_str(), owned.dtype(), {rows, net.n_0}}};
  const std::string own = name + ".numbers";
  return {part_of(given, name, NUMBERS), {own.c_str(), owned.dtype(), {rows, numbers_of(net)}}};
}

// From 0 to the field's count, which says none.
void check_codes(const Network& net, const Array& codes, const std::string& name) {
  const uint16_t* code = codes.as<const uint16_t>();
  std::vector<uint16_t> most(static_cast<size_t>(net.n_fields));
  for (int64_t at = 0; at < codes.size(); at += net.n_fields)
    for (int64_t f = 0; f < net.n_fields; f++)
      if (code[at + f] > most[static_cast<size_t>(f)]) most[static_cast<size_t>(f)] = code[at + f];
  for (int64_t f = 0; f < net.n_fields; f++)
    if (most[static_cast<size_t>(f)] > net.fields[f].count)
      value_error("`" + name + "` of field " + std::to_string(f) + " must be from 0 to " +
                  std::to_string(net.fields[f].count) + "; got " + std::to_string(most[static_cast<size_t>(f)]) + ".");
}

std::optional<Array> codes_of(const OwnedPlan& owned, nb::handle given, const std::string& name, int64_t rows) {
  const Network& net = owned.get().network;
  if (net.n_fields == 0) return std::nullopt;
  const std::string own = name + ".codes";
  Array codes(part_of(given, name, CODES), {own.c_str(), "uint16", {rows, net.n_fields}});
  check_codes(net, codes, own);
  return codes;
}

std::optional<Array> shares_of(const OwnedPlan& owned, nb::handle given, const std::string& name, int64_t rows) {
  const Network& net = owned.get().network;
  if (net.n_fields == 0) return std::nullopt;
  const std::string own = name + ".shares";
  return Array(part_of(given, name, SHARES), {own.c_str(), owned.dtype(), {rows, net.n_ramps}});
}

std::optional<Array> values_of(const OwnedPlan& owned, nb::handle given, const std::string& name) {
  const Network& net = owned.get().network;
  if (net.n_fields == 0) return std::nullopt;
  const std::string own = name + ".values";
  return Array(part_of(given, name, VALUES), {own.c_str(), "float64", {net.n_fields}});
}

}  // namespace

int64_t rows_of(const OwnedPlan& owned, nb::handle given, const char* name) {
  if (owned.get().network.n_fields == 0) return shape_of(given, name, 2)[0];
  return shape_of(part_of(given, name, CODES), (std::string(name) + ".codes").c_str(), 2)[0];
}

BorrowedInputs::BorrowedInputs(const OwnedPlan& owned, nb::handle given, const char* name, int64_t rows)
    : numbers_(numbers_of(owned, given, name, rows)),
      codes_(codes_of(owned, given, name, rows)),
      shares_(shares_of(owned, given, name, rows)),
      values_(values_of(owned, given, name)) {}

}  // namespace descend
