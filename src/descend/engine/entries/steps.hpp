// From values of rows to inputs by index (contract/indexed.hpp): numbers at fixed places, and entries. A step makes
// some of either. All is arithmetic of float64 one number at a time, rounded to float32 at the end, without fused
// operations: the bits are those of the same formulas in NumPy.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace descend {

// What is known of the rows first ... first + count - 1 of so many.
struct Values {
  int64_t rows;           // of the arrays
  const double* numbers;  // (numbers, rows): nan where missing
  const int64_t* codes;   // (code columns, rows): 0 missing, 1 unseen, then one for each level
  const float* given;     // (rows, given): numbers at fixed places that somebody else has made
  int64_t n_given;
};

// Where the inputs of a chunk of rows are put.
struct Inputs {
  int64_t n_x, n_entries;  // of a row
  float* x;                // (count, n_x)
  int32_t* place;          // (count, n_entries)
  float* factor;           // (count, n_entries)
  int32_t first_row;       // of the step's own rows of weights, which a place is added to
};

// The columns of Values that there are, and how many codes each code column has.
struct Columns {
  int64_t numbers, given;
  std::vector<int64_t> codes;
};

class Step {
 public:
  // n_x numbers at fixed places, or n_entries entries, which are places among `n_rows` rows of weights.
  Step(int64_t n_x, int64_t n_entries, int64_t n_rows) : n_x(n_x), n_entries(n_entries), n_rows(n_rows) {}
  virtual ~Step() = default;
  // Puts the inputs of `count` rows from `first` on where `to` begins.
  virtual void fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const = 0;
  const int64_t n_x, n_entries, n_rows;
};

// Some of the numbers that are given.
class Given : public Step {
 public:
  Given(int64_t column, int64_t count) : Step(count, 0, 0), column_(column) {}
  void fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const override;

 private:
  int64_t column_;
};

// For each code its numbers.
class CodeNumbers : public Step {
 public:
  // table: (codes, width)
  CodeNumbers(int64_t column, std::vector<float> table, int64_t width)
      : Step(width, 0, 0), column_(column), table_(std::move(table)) {}
  void fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const override;

 private:
  int64_t column_;
  std::vector<float> table_;
};

// For each code one entry.
class CodeEntries : public Step {
 public:
  CodeEntries(int64_t column, std::vector<int64_t> place, std::vector<float> factor, int64_t n_rows)
      : Step(0, 1, n_rows), column_(column), place_(std::move(place)), factor_(std::move(factor)) {}
  void fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const override;

 private:
  int64_t column_;
  std::vector<int64_t> place_;
  std::vector<float> factor_;
};

// A number as ramps between borders: in bin b at the share z two entries, row 2 b with 1 and row 2 b + 1 with z.
// Missing: both with 0.
class Ramps : public Step {
 public:
  // borders: at least 2, ascending, finite
  Ramps(int64_t column, std::vector<double> borders);
  void fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const override;

 private:
  // x lies at the share (x half - low) / width of a bin; half is 0.5 where the width would be infinite, else 1.
  struct Bin {
    double half, low, width;
  };
  int64_t column_;
  std::vector<double> borders_;
  std::vector<Bin> bins_;
};

// A number that equals one of some levels: one entry with 1; another: with 0.
class Levels : public Step {
 public:
  // levels: at least 1, ascending
  Levels(int64_t column, std::vector<double> levels)
      : Step(0, 1, static_cast<int64_t>(levels.size())), column_(column), levels_(std::move(levels)) {}
  void fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const override;

 private:
  int64_t column_;
  std::vector<double> levels_;
};

// Numbers scaled by median and quartiles, clipped smoothly, less their means; then products with components.
struct Scaling {
  int64_t column;
  double center, scale, mean;
};

class Components : public Step {
 public:
  // factors: (numbers, components)
  Components(std::vector<Scaling> scalings, std::vector<double> factors, int64_t components)
      : Step(components, 0, 0), scalings_(std::move(scalings)), factors_(std::move(factors)) {}
  void fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const override;

 private:
  std::vector<Scaling> scalings_;
  std::vector<double> factors_;
};

// A column of Values as something else: a code as the number of its level, or a number as it is with something
// instead of missing.
struct Variable {
  bool of_number;
  int64_t column;
  std::vector<double> by_code;  // of a code column
  double instead;               // of a number
  void fill(const Values& values, int64_t first, int64_t count, double* to, int64_t step) const;
};

// A variable in bins, or as it is: whole numbers 0 ... size - 1; size for what is none of them.
struct Coding {
  Variable variable;            // of a number: nan where it is missing
  std::vector<double> borders;  // of a number: x is in bin sum(borders <= x)
  int64_t size, missing;        // of a number: the code of missing, or -1
  void fill(const Values& values, int64_t first, int64_t count, double* scratch, int32_t* to) const;
};

// Several codings together: for each combination its numbers; where one is none of its numbers, zeros.
struct Term {
  std::vector<int64_t> codings;
  std::vector<float> table;  // (product of the sizes, width); in a step of (sizes + 1)
  int64_t width;
};

class Cells : public Step {
 public:
  Cells(std::vector<Coding> codings, std::vector<Term> terms);
  void fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const override;

 private:
  std::vector<Coding> codings_;
  std::vector<Term> terms_;
};

// Trees that ask for variables: an entry for each, the leaf where it ends.
struct TreeNode {
  double threshold;  // right if the variable is at least this
  int32_t variable, children[2];
  int32_t place;  // of a leaf, which has itself as children
};

class Trees : public Step {
 public:
  struct Tree {
    int32_t root, depth;
  };
  Trees(std::vector<Variable> variables, std::vector<Tree> trees, std::vector<TreeNode> nodes, float factor,
        int64_t n_rows)
      : Step(0, static_cast<int64_t>(trees.size()), n_rows),
        variables_(std::move(variables)),
        trees_(std::move(trees)),
        nodes_(std::move(nodes)),
        factor_(factor) {}
  void fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const override;

 private:
  std::vector<Variable> variables_;
  std::vector<Tree> trees_;
  std::vector<TreeNode> nodes_;
  float factor_;
};

}  // namespace descend
