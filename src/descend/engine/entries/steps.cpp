// The formulas of each step. Where NumPy has the same (preprocessing/encoders), they are in its order.
#include "entries/steps.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace descend {
namespace {

// How many of n sorted numbers are <= x; for n >= 1, without a branch that depends on x.
inline int64_t count_up_to(const double* sorted, int64_t n, double x) {
  const double* at = sorted;
  while (n > 1) {
    const int64_t half = n / 2;
    at += at[half - 1] <= x ? half : 0;
    n -= half;
  }
  return at - sorted + (*at <= x);
}

constexpr double MOST_Z = 1e9, LARGEST_SCORE = 4.0;

inline double clipped(double x, double most) { return x < -most ? -most : x > most ? most : x; }

// z / sqrt(1 + (z/3)^2), z = (x - center) / scale
inline double robust_scaled(double x, double center, double scale) {
  const double z = clipped((x * 0.5 - center * 0.5) / (scale * 0.5), MOST_Z), third = z / 3.0;
  return z / std::sqrt(1.0 + third * third);
}

}  // namespace

void Given::fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const {
  const float* from = values.given + first * values.n_given + column_;
  for (int64_t t = 0; t < count; t++)
    std::memcpy(to.x + t * to.n_x, from + t * values.n_given, static_cast<size_t>(n_x) * sizeof(float));
}

void CodeNumbers::fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const {
  const int64_t* codes = values.codes + column_ * values.rows + first;
  for (int64_t t = 0; t < count; t++)
    for (int64_t k = 0; k < n_x; k++) to.x[t * to.n_x + k] = table_[static_cast<size_t>(codes[t] * n_x + k)];
}

void CodeEntries::fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const {
  const int64_t* codes = values.codes + column_ * values.rows + first;
  for (int64_t t = 0; t < count; t++) {
    to.place[t * to.n_entries] = to.first_row + static_cast<int32_t>(place_[static_cast<size_t>(codes[t])]);
    to.factor[t * to.n_entries] = factor_[static_cast<size_t>(codes[t])];
  }
}

Ramps::Ramps(int64_t column, std::vector<double> borders)
    : Step(0, 2, 2 * (static_cast<int64_t>(borders.size()) - 1)), column_(column), borders_(std::move(borders)) {
  for (size_t k = 0; k + 1 < borders_.size(); k++) {
    const double half = std::isinf(borders_[k + 1] - borders_[k]) ? 0.5 : 1.0;
    bins_.push_back({half, borders_[k] * half, borders_[k + 1] * half - borders_[k] * half});
  }
}

void Ramps::fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const {
  const double *x = values.numbers + column_ * values.rows + first, *borders = borders_.data();
  const auto bins = static_cast<int64_t>(bins_.size());
  for (int64_t t = 0; t < count; t++) {
    const bool there = !std::isnan(x[t]);
    const double own = there ? x[t] : borders[0];
    const int64_t above = count_up_to(borders + 1, bins, own), bin = above < bins ? above : bins - 1;
    const Bin& at = bins_[static_cast<size_t>(bin)];
    const double share = (own * at.half - at.low) / at.width;
    int32_t* place = to.place + t * to.n_entries;
    float* factor = to.factor + t * to.n_entries;
    place[0] = to.first_row + static_cast<int32_t>(2 * bin);
    place[1] = place[0] + 1;
    factor[0] = there ? 1.0F : 0.0F;
    factor[1] = static_cast<float>(share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share);
  }
}

void Levels::fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const {
  const double* x = values.numbers + column_ * values.rows + first;
  const auto n = static_cast<int64_t>(levels_.size());
  for (int64_t t = 0; t < count; t++) {
    const int64_t up_to = count_up_to(levels_.data(), n, x[t]), place = up_to > 0 ? up_to - 1 : 0;
    to.place[t * to.n_entries] = to.first_row + static_cast<int32_t>(place);
    to.factor[t * to.n_entries] = levels_[static_cast<size_t>(place)] == x[t] ? 1.0F : 0.0F;
  }
}

void Components::fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const {
  const auto n = static_cast<size_t>(n_x);
  std::vector<double> scores(n);
  for (int64_t t = 0; t < count; t++) {
    for (double& score : scores) score = 0.0;
    const double* factor = factors_.data();
    for (const Scaling& one : scalings_) {
      const double x = values.numbers[one.column * values.rows + first + t];
      const double z = (std::isnan(x) ? 0.0 : robust_scaled(x, one.center, one.scale)) - one.mean;
      for (size_t k = 0; k < n; k++) scores[k] += factor[k] * z;
      factor += n_x;
    }
    for (size_t k = 0; k < n; k++)
      to.x[t * to.n_x + static_cast<int64_t>(k)] = static_cast<float>(clipped(scores[k], LARGEST_SCORE));
  }
}

void Variable::fill(const Values& values, int64_t first, int64_t count, double* to, int64_t step) const {
  if (!of_number) {
    const int64_t* codes = values.codes + column * values.rows + first;
    for (int64_t t = 0; t < count; t++) to[t * step] = by_code[static_cast<size_t>(codes[t])];
    return;
  }
  const double* x = values.numbers + column * values.rows + first;
  for (int64_t t = 0; t < count; t++) to[t * step] = std::isnan(x[t]) ? instead : x[t];
}

void Coding::fill(const Values& values, int64_t first, int64_t count, double* scratch, int32_t* to) const {
  variable.fill(values, first, count, scratch, 1);
  const auto n = static_cast<int64_t>(borders.size());
  const auto none = static_cast<int32_t>(size), gone = missing < 0 ? none : static_cast<int32_t>(missing);
  if (!variable.of_number)
    for (int64_t t = 0; t < count; t++) to[t] = scratch[t] < 0.0 ? none : static_cast<int32_t>(scratch[t]);
  else
    for (int64_t t = 0; t < count; t++)
      to[t] = std::isnan(scratch[t]) ? gone : n ? static_cast<int32_t>(count_up_to(borders.data(), n, scratch[t])) : 0;
}

namespace {

int64_t total_width(const std::vector<Term>& terms) {
  int64_t sum = 0;
  for (const Term& term : terms) sum += term.width;
  return sum;
}

// The table with a cell more along each coding, zeros there.
std::vector<float> with_none(const std::vector<Coding>& codings, const Term& term) {
  std::vector<size_t> from = {0}, next;  // for each cell so far that of the given table, or NONE
  constexpr size_t NONE = SIZE_MAX;
  for (const int64_t k : term.codings) {
    const auto size = static_cast<size_t>(codings[static_cast<size_t>(k)].size);
    for (const size_t cell : from)
      for (size_t code = 0; code <= size; code++)
        next.push_back(cell == NONE || code == size ? NONE : cell * size + code);
    from.swap(next), next.clear();
  }
  const auto width = static_cast<size_t>(term.width);
  std::vector<float> table(from.size() * width, 0.0F);
  for (size_t k = 0; k < from.size(); k++)
    if (from[k] != NONE)
      std::copy_n(term.table.begin() + static_cast<int64_t>(from[k] * width), width,
                  table.begin() + static_cast<int64_t>(k * width));
  return table;
}

}  // namespace

Cells::Cells(std::vector<Coding> codings, std::vector<Term> terms)
    : Step(total_width(terms), 0, 0), codings_(std::move(codings)), terms_(std::move(terms)) {
  for (Term& term : terms_) term.table = with_none(codings_, term);
}

void Cells::fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const {
  const auto rows = static_cast<size_t>(count);
  std::vector<double> scratch(rows);
  std::vector<int32_t> codes(rows * codings_.size()), cell(rows);
  for (size_t k = 0; k < codings_.size(); k++)
    codings_[k].fill(values, first, count, scratch.data(), codes.data() + k * rows);
  float* x = to.x;
  for (const Term& term : terms_) {
    for (size_t t = 0; t < rows; t++) cell[t] = 0;
    for (const int64_t k : term.codings) {
      const int32_t* own = codes.data() + static_cast<size_t>(k) * rows;
      const auto sizes = static_cast<int32_t>(codings_[static_cast<size_t>(k)].size + 1);
      for (size_t t = 0; t < rows; t++) cell[t] = cell[t] * sizes + own[t];
    }
    for (int64_t t = 0; t < count; t++) {
      const float* from = term.table.data() + cell[static_cast<size_t>(t)] * term.width;
      for (int64_t k = 0; k < term.width; k++) x[t * to.n_x + k] = from[k];
    }
    x += term.width;
  }
}

namespace {

constexpr int TOGETHER = 8;

// The leaves where ROWS rows of x end in a tree: side by side, for each step waits for the one before it.
template <int ROWS>
inline void walk(const TreeNode* nodes, const Trees::Tree& tree, const double* x, int64_t x_step, int32_t first_row,
                 int32_t* place, int64_t place_step) {
  int32_t node[ROWS];
  for (int r = 0; r < ROWS; r++) node[r] = tree.root;
  for (int32_t level = 0; level < tree.depth; level++)
    for (int r = 0; r < ROWS; r++) {
      const TreeNode& at = nodes[node[r]];
      node[r] = at.children[x[r * x_step + at.variable] >= at.threshold];
    }
  for (int r = 0; r < ROWS; r++) place[r * place_step] = first_row + nodes[node[r]].place;
}

}  // namespace

void Trees::fill(const Values& values, int64_t first, int64_t count, const Inputs& to) const {
  const auto n = static_cast<int64_t>(variables_.size());
  std::vector<double> numbers(static_cast<size_t>(n * count));
  for (int64_t k = 0; k < n; k++) variables_[static_cast<size_t>(k)].fill(values, first, count, numbers.data() + k, n);
  for (size_t k = 0; k < trees_.size(); k++) {
    int32_t* place = to.place + k;
    int64_t t = 0;
    for (; t + TOGETHER <= count; t += TOGETHER)
      walk<TOGETHER>(nodes_.data(), trees_[k], numbers.data() + t * n, n, to.first_row, place + t * to.n_entries,
                     to.n_entries);
    for (; t < count; t++)
      walk<1>(nodes_.data(), trees_[k], numbers.data() + t * n, n, to.first_row, place + t * to.n_entries,
              to.n_entries);
  }
  for (int64_t t = 0; t < count; t++)
    for (int64_t k = 0; k < n_entries; k++) to.factor[t * to.n_entries + k] = factor_;
}

}  // namespace descend
