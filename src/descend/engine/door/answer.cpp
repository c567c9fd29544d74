// Chunks of rows: all inputs once, then network after network.
#include "door/answer.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/cpu.hpp"
#include "kernels/dispatch.hpp"

namespace descend {
namespace {

constexpr int64_t CHUNK = 256;

// The largest of what networks need.
struct Sizes {
  int64_t x = 0, entries = 0, nodes = 0;
  size_t kernel = 0, one_row = 0;
};

Sizes sizes_of(const Ensemble& ensemble) {
  Sizes most;
  for (const IndexedNet& net : ensemble.nets) {
    most.x = std::max(most.x, net.layer.n_x);
    most.entries = std::max(most.entries, net.n_entries);
    most.nodes = std::max(most.nodes, net.layer.stride);
    most.kernel = std::max(most.kernel, kernels<float>().workspace(*net.rest, 1));
    most.one_row = std::max(most.one_row, one_row_workspace(net.rest->network, sizeof(float)));
  }
  return most;
}

size_t counted(int64_t rows, int64_t of_row) { return static_cast<size_t>(rows * of_row); }

// Scratch memory of one call.
struct Scratch {
  Scratch(const Ensemble& ensemble, int64_t rows, const Sizes& most)
      : kernel(rows > 1 ? most.kernel : most.one_row),
        nodes(counted(2 * rows, most.nodes) * sizeof(float)),
        s(static_cast<float*>(nodes.get())),
        v(s + counted(rows, most.nodes)),
        all_x(counted(rows, ensemble.n_x)),
        all_factors(counted(rows, ensemble.n_entries)),
        x(counted(rows, most.x)),
        factors(counted(rows, most.entries)),
        output(counted(rows, ensemble.n_d)),
        all_places(counted(rows, ensemble.n_entries)),
        places(counted(rows, most.entries)),
        mean(counted(rows, ensemble.n_d)) {
    std::memset(kernel.get(), 0, rows > 1 ? most.kernel : most.one_row);
    std::memset(nodes.get(), 0, counted(2 * rows, most.nodes) * sizeof(float));
  }
  const Block kernel, nodes;
  float *const s, *const v;
  std::vector<float> all_x, all_factors, x, factors, output;
  std::vector<int32_t> all_places, places;
  std::vector<double> mean;
};

void fill_all(const Ensemble& ensemble, const Values& values, int64_t first, int64_t count, Scratch& scratch) {
  for (size_t k = 0; k < ensemble.steps.size(); k++) {
    const Run& at = ensemble.places[k];
    ensemble.steps[k]->fill(
        values, first, count,
        {ensemble.n_x, ensemble.n_entries, scratch.all_x.data() + at.x_at, scratch.all_places.data() + at.entry_at,
         scratch.all_factors.data() + at.entry_at, static_cast<int32_t>(at.row)});
  }
}

// The inputs of one network, side by side.
void gather(const Ensemble& ensemble, const IndexedNet& net, int64_t count, Scratch& scratch) {
  float *x = scratch.x.data(), *factor = scratch.factors.data();
  int32_t* place = scratch.places.data();
  for (int64_t t = 0; t < count; t++)
    for (const Run& run : net.runs) {
      const float* from = scratch.all_x.data() + t * ensemble.n_x + run.x_at;
      x = std::copy(from, from + run.n_x, x);
      const float* factors = scratch.all_factors.data() + t * ensemble.n_entries + run.entry_at;
      factor = std::copy(factors, factors + run.n_entries, factor);
      const int32_t* places = scratch.all_places.data() + t * ensemble.n_entries + run.entry_at;
      const auto shift = static_cast<int32_t>(run.row);
      for (int64_t e = 0; e < run.n_entries; e++) place[e] = places[e] + shift;
      place += run.n_entries;
    }
}

// The answer of one network to a chunk, added to `mean`.
void add_net(const Ensemble& ensemble, const IndexedNet& net, int64_t count, Scratch& scratch, bool is_first) {
  const Kernels<float>& kernel = kernels<float>();
  gather(ensemble, net, count, scratch);
  kernel.indexed_layer(net.layer,
                       {count, net.n_entries, scratch.x.data(), scratch.places.data(), scratch.factors.data()},
                       scratch.s, scratch.v);
  if (count == 1)
    kernel.predict_one(*net.rest, net.theta.data(), {scratch.v}, scratch.output.data(), scratch.kernel.get());
  else
    kernel.predict(*net.rest, net.theta.data(), {scratch.v}, count, scratch.output.data(), nullptr,
                   scratch.kernel.get());
  const auto n = static_cast<size_t>(count * ensemble.n_d);
  for (size_t k = 0; k < n; k++)
    scratch.mean[k] = (is_first ? 0.0 : scratch.mean[k]) + static_cast<double>(scratch.output[k]);
}

void answer_chunk(const Ensemble& ensemble, int64_t count, Scratch& scratch, double* output) {
  const FlushDenormals flushed;
  const int64_t n = count * ensemble.n_d;
  std::fill(output, output + n, 0.0);
  for (const Share& share : ensemble.shares) {
    for (const size_t k : share.nets) add_net(ensemble, ensemble.nets[k], count, scratch, k == share.nets[0]);
    const auto nets = static_cast<double>(share.nets.size());
    for (int64_t k = 0; k < n; k++) output[k] += scratch.mean[static_cast<size_t>(k)] / nets * share.weight;
  }
}

}  // namespace

void Ensemble::add(std::unique_ptr<Step> step) {
  places.push_back({n_x, step->n_x, n_entries, step->n_entries, n_rows});
  n_x += step->n_x, n_entries += step->n_entries, n_rows += step->n_rows;
  steps.push_back(std::move(step));
}

std::vector<Run> Ensemble::runs_of(const std::vector<size_t>& own) const {
  int64_t row = 0;
  for (const size_t k : own) row += steps[k]->n_x;
  std::vector<Run> runs;
  for (size_t i = 0; i < own.size(); i++) {
    Run run = places[own[i]];
    run.row = row - run.row;
    row += steps[own[i]]->n_rows;
    if (i > 0 && own[i] == own[i - 1] + 1)
      runs.back().n_x += run.n_x, runs.back().n_entries += run.n_entries;
    else
      runs.push_back(run);
  }
  return runs;
}

void answer(const Ensemble& ensemble, const Values& values, double* output) {
  Scratch scratch(ensemble, std::min(CHUNK, values.rows), sizes_of(ensemble));
  for (int64_t first = 0; first < values.rows; first += CHUNK) {
    const int64_t count = std::min(CHUNK, values.rows - first);
    fill_all(ensemble, values, first, count, scratch);
    answer_chunk(ensemble, count, scratch, output + first * ensemble.n_d);
  }
}

}  // namespace descend
