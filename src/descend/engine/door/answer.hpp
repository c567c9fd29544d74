// Networks that answer together, from values of rows: the weighted mean of the means of each group. Nothing of Python
// here.
#pragma once

#include <memory>
#include <vector>

#include "contract/indexed.hpp"
#include "contract/plan.hpp"
#include "door/threads.hpp"
#include "entries/steps.hpp"

namespace descend {

// Neighbouring steps among the inputs of all steps.
struct Run {
  int64_t x_at, n_x, entry_at, n_entries;
  int64_t row;  // added to a place: from rows of the step to rows of all, or from those to rows of a network
};

// One network: which inputs it has, layer 0, and the rest as a network of its own.
struct IndexedNet {
  std::vector<Run> runs;
  IndexedLayer<float> layer;
  std::unique_ptr<Block> weights;  // of layer 0: W, then the bias row
  const Plan* rest;                // lives as long as this
  std::vector<float> theta;        // of the rest
  int64_t n_entries = 0;
};

// Networks whose answers are averaged, and what the mean counts.
struct Share {
  double weight;
  std::vector<size_t> nets;
};

struct Ensemble {
  Columns columns;
  std::vector<std::unique_ptr<Step>> steps;
  std::vector<Run> places;  // of each step
  std::vector<IndexedNet> nets;
  std::vector<Share> shares;
  int64_t n_x = 0, n_entries = 0, n_rows = 0, n_d = 0;  // inputs of all steps, outputs

  void add(std::unique_ptr<Step> step);
  // The inputs of a network that has these steps, in this order; neighbours are one run.
  std::vector<Run> runs_of(const std::vector<size_t>& own) const;
};

// output (rows, n_d): a row's answer has the same bits alone and among others.
void answer(const Ensemble& ensemble, const Values& values, double* output);

}  // namespace descend
