// One function for each kind of step.
#include "door/steps.hpp"

#include <nanobind/stl/string.h>

#include <cmath>
#include <string>

#include "door/arrays.hpp"

namespace descend {
namespace {

constexpr int64_t MOST_PLACES = int64_t{1} << 30;

nb::tuple any_tuple(nb::handle given, const char* name) {
  if (!PyTuple_Check(given.ptr())) type_error("`" + std::string(name) + "` must be a tuple.");
  return nb::borrow<nb::tuple>(given);
}

nb::tuple tuple_of(nb::handle given, const char* name, size_t size) {
  nb::tuple found = any_tuple(given, name);
  if (found.size() != size)
    value_error("`" + std::string(name) + "` must hold " + std::to_string(size) + " entries; got " +
                std::to_string(found.size()) + ".");
  return found;
}

// A copy of an array of one dimension, or of two, one row after the other.
template <class T>
std::vector<T> copied(nb::handle given, const char* name, const char* dtype, const std::vector<int64_t>& shape) {
  const Array array(given, {name, dtype, shape});
  return {array.as<T>(), array.as<T>() + array.size()};
}

std::vector<double> some_doubles(nb::handle given, const char* name, int64_t least) {
  const std::vector<int64_t> shape = shape_of(given, name, 1);
  if (shape[0] < least || shape[0] > MOST_PLACES)
    value_error("`" + std::string(name) + "` must hold at least " + std::to_string(least) + " numbers.");
  return copied<double>(given, name, "float64", shape);
}

void check_range(const std::vector<int64_t>& values, const char* name, int64_t least, int64_t end) {
  for (const int64_t one : values)
    if (one < least || one >= end)
      value_error("`" + std::string(name) + "` must lie from " + std::to_string(least) + " to " +
                  std::to_string(end - 1) + ".");
}

int64_t number_column(nb::handle given, const Columns& columns) {
  return whole(given, "column", 0, columns.numbers - 1);
}

int64_t code_column(nb::handle given, const Columns& columns) {
  return whole(given, "column", 0, static_cast<int64_t>(columns.codes.size()) - 1);
}

int64_t codes_in(int64_t column, const Columns& columns) { return columns.codes[static_cast<size_t>(column)]; }

std::unique_ptr<Step> given_step(const nb::tuple& fields, const Columns& columns) {
  const int64_t column = whole(fields[1], "column", 0, columns.given);
  return std::make_unique<Given>(column, whole(fields[2], "count", 0, columns.given - column));
}

std::unique_ptr<Step> code_numbers(const nb::tuple& fields, const Columns& columns) {
  const int64_t column = code_column(fields[1], columns), width = shape_of(fields[2], "table", 2)[1];
  std::vector<float> table = copied<float>(fields[2], "table", "float32", {codes_in(column, columns), width});
  return std::make_unique<CodeNumbers>(column, std::move(table), width);
}

std::unique_ptr<Step> code_entries(const nb::tuple& fields, const Columns& columns) {
  const int64_t column = code_column(fields[1], columns), codes = codes_in(column, columns);
  const int64_t rows = whole(fields[4], "rows", 1, MOST_PLACES);
  std::vector<int64_t> place = copied<int64_t>(fields[2], "place", "int64", {codes});
  check_range(place, "place", 0, rows);
  return std::make_unique<CodeEntries>(column, std::move(place), copied<float>(fields[3], "factor", "float32", {codes}),
                                       rows);
}

std::unique_ptr<Step> ramps(const nb::tuple& fields, const Columns& columns) {
  return std::make_unique<Ramps>(number_column(fields[1], columns), some_doubles(fields[2], "borders", 2));
}

std::unique_ptr<Step> levels(const nb::tuple& fields, const Columns& columns) {
  return std::make_unique<Levels>(number_column(fields[1], columns), some_doubles(fields[2], "levels", 1));
}

std::unique_ptr<Step> components(const nb::tuple& fields, const Columns& columns) {
  const std::vector<int64_t> shape = shape_of(fields[3], "factors", 2), of_each = {3, shape[0]};
  const std::vector<int64_t> column = copied<int64_t>(fields[1], "columns", "int64", {shape[0]});
  check_range(column, "columns", 0, columns.numbers);
  const std::vector<double> scaling = copied<double>(fields[2], "scalings", "float64", of_each);
  const size_t n = column.size();
  std::vector<Scaling> scalings;
  for (size_t j = 0; j < n; j++) scalings.push_back({column[j], scaling[j], scaling[n + j], scaling[2 * n + j]});
  return std::make_unique<Components>(std::move(scalings), copied<double>(fields[3], "factors", "float64", shape),
                                      shape[1]);
}

// (of_number, column, by_code or None, instead)
Variable variable_of(nb::handle given, const Columns& columns) {
  const nb::tuple fields = tuple_of(given, "variable", 4);
  Variable variable{whole(fields[0], "of_number", 0, 1) == 1, 0, {}, 0.0};
  if (variable.of_number) {
    variable.column = number_column(fields[1], columns);
    variable.instead = number(fields[3], "instead");
    return variable;
  }
  variable.column = code_column(fields[1], columns);
  variable.by_code = copied<double>(fields[2], "by_code", "float64", {codes_in(variable.column, columns)});
  return variable;
}

// (variable, borders, size, missing)
Coding coding_of(nb::handle given, const Columns& columns) {
  const nb::tuple fields = tuple_of(given, "coding", 4);
  const int64_t size = whole(fields[2], "size", 0, MOST_PLACES);
  Coding coding{variable_of(fields[0], columns), some_doubles(fields[1], "borders", 0), size,
                whole(fields[3], "missing", -1, size - 1)};
  for (const double one : coding.variable.by_code)
    if (!(one >= -1.0 && one < static_cast<double>(size)) || one != std::floor(one))
      value_error("`by_code` of a coding must hold whole numbers from -1 to its size.");
  if (coding.variable.of_number && static_cast<int64_t>(coding.borders.size()) >= size)
    value_error("`borders` of a coding must be fewer than its size.");
  return coding;
}

// (codings, table)
Term term_of(nb::handle given, const std::vector<Coding>& codings) {
  const nb::tuple fields = tuple_of(given, "term", 2);
  Term term{};
  int64_t cells = 1, with_none = 1;
  for (nb::handle one : any_tuple(fields[0], "codings")) {
    term.codings.push_back(whole(one, "coding", 0, static_cast<int64_t>(codings.size()) - 1));
    const int64_t size = codings[static_cast<size_t>(term.codings.back())].size;
    cells *= size, with_none *= size + 1;
    if (with_none > MOST_PLACES) value_error("`term` has too many cells.");
  }
  term.width = shape_of(fields[1], "table", 2)[1];
  term.table = copied<float>(fields[1], "table", "float32", {cells, term.width});
  return term;
}

std::unique_ptr<Step> cells(const nb::tuple& fields, const Columns& columns) {
  std::vector<Coding> codings;
  std::vector<Term> terms;
  for (nb::handle one : any_tuple(fields[1], "codings")) codings.push_back(coding_of(one, columns));
  for (nb::handle one : any_tuple(fields[2], "terms")) terms.push_back(term_of(one, codings));
  return std::make_unique<Cells>(std::move(codings), std::move(terms));
}

struct NodeArrays {
  std::vector<int64_t> roots, variable, children, place;
  std::vector<double> threshold;
};

// A node is a leaf, which has itself as children and a place, or asks for a variable and has children behind it.
std::vector<TreeNode> checked_nodes(const NodeArrays& given, int64_t variables, int64_t rows) {
  const auto count = static_cast<int64_t>(given.variable.size());
  std::vector<TreeNode> nodes;
  for (int64_t k = 0; k < count; k++) {
    const auto at = static_cast<size_t>(k);
    const int64_t left = given.children[2 * at], right = given.children[2 * at + 1], place = given.place[at];
    const bool leaf = left == k && right == k;
    if (!leaf && !(left > k && right > k && left < count && right < count))
      value_error("`children` must lie behind their node.");
    if (given.variable[at] < 0 || given.variable[at] >= variables) value_error("`variable` of a node is none.");
    if (leaf ? place < 0 || place >= rows : place != -1) value_error("`place` must be that of a leaf, else -1.");
    nodes.push_back({given.threshold[at],
                     static_cast<int32_t>(given.variable[at]),
                     {static_cast<int32_t>(left), static_cast<int32_t>(right)},
                     static_cast<int32_t>(place)});
  }
  return nodes;
}

// How many steps lead from a root to the leaf that is farthest from it.
std::vector<Trees::Tree> depths_of(const std::vector<int64_t>& roots, const std::vector<TreeNode>& nodes) {
  std::vector<int32_t> height(nodes.size(), 0);
  for (size_t k = nodes.size(); k-- > 0;)
    for (const int32_t child : nodes[k].children)
      if (static_cast<size_t>(child) != k) height[k] = std::max(height[k], height[static_cast<size_t>(child)] + 1);
  std::vector<Trees::Tree> trees;
  for (const int64_t root : roots) trees.push_back({static_cast<int32_t>(root), height[static_cast<size_t>(root)]});
  return trees;
}

std::unique_ptr<Step> trees(const nb::tuple& fields, const Columns& columns) {
  std::vector<Variable> variables;
  for (nb::handle one : any_tuple(fields[1], "variables")) variables.push_back(variable_of(one, columns));
  const int64_t count = shape_of(fields[3], "variable", 1)[0], rows = whole(fields[7], "rows", 1, MOST_PLACES);
  if (count > MOST_PLACES) value_error("`variable` has too many nodes.");
  NodeArrays given;
  given.roots = copied<int64_t>(fields[2], "roots", "int64", shape_of(fields[2], "roots", 1));
  given.variable = copied<int64_t>(fields[3], "variable", "int64", {count});
  given.threshold = copied<double>(fields[4], "threshold", "float64", {count});
  given.children = copied<int64_t>(fields[5], "children", "int64", {count, 2});
  given.place = copied<int64_t>(fields[6], "place", "int64", {count});
  check_range(given.roots, "roots", 0, count);
  std::vector<TreeNode> nodes = checked_nodes(given, static_cast<int64_t>(variables.size()), rows);
  std::vector<Trees::Tree> found = depths_of(given.roots, nodes);
  const auto factor = static_cast<float>(number(fields[8], "factor"));
  return std::make_unique<Trees>(std::move(variables), std::move(found), std::move(nodes), factor, rows);
}

struct Kind {
  const char* name;
  size_t fields;
  std::unique_ptr<Step> (*make)(const nb::tuple&, const Columns&);
};

const Kind KINDS[] = {{"given", 3, given_step},
                      {"code numbers", 3, code_numbers},
                      {"code entries", 5, code_entries},
                      {"ramps", 3, ramps},
                      {"levels", 3, levels},
                      {"components", 4, components},
                      {"cells", 3, cells},
                      {"trees", 9, trees}};

}  // namespace

std::unique_ptr<Step> step_of(const nb::tuple& fields, const Columns& columns) {
  const std::string name = nb::len(fields) > 0 ? nb::str(fields[0]).c_str() : "";
  for (const Kind& kind : KINDS)
    if (name == kind.name) return kind.make(tuple_of(fields, kind.name, kind.fields), columns);
  value_error("`steps` are not of a kind \"" + name + "\".");
}

}  // namespace descend
