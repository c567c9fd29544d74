// Which kernels run a plan: all conditions of that, and nothing else. README.md has them as a table.
//
// They are functions of shapes and options alone. Some also ask how many registers hold 64 bytes of lanes (`pieces`: 1
// with AVX-512, 2 with AVX2, else 4); those choose between ways that give the same bits. Where rounds of a single
// sample begin, and blocks of them, the order of additions changes (order.hpp): these hold for every instruction set
// and the twin.
#pragma once

#include <cstdint>

#include "contract/order.hpp"
#include "contract/plan.hpp"

namespace descend {

// ---------------------------------------------------------------- a state alone

// How it trains: batch/, single/ or block/. Inputs by index are for batch/ alone, whatever the size of a batch.
enum Regime { IN_BATCHES, ONE_BY_ONE, IN_BLOCKS };

static inline bool one_by_one(const Plan& plan) { return plan.batch_size == 1 && plan.plain; }

// Rounds that are computed as a block; 1 where there are no blocks. Blocks are for a W_0 that is too large for the
// fastest cache, and an optimiser that is linear in the gradients.
static inline int64_t block_length(const Plan& plan) {
  if (!one_by_one(plan) || plan.optimizer == ADAM || plan.optimizer == ADAMW) return 1;
  if (plan.block > 0) return plan.block;
  const Layer& first = plan.network.layers[0];
  return first.n_in * first.n_out * (plan.is_double ? 8 : 4) >= 65536 ? 24 : 1;
}

static inline Regime regime_of(const Plan& plan) {
  if (!one_by_one(plan)) return IN_BATCHES;
  return block_length(plan) > 1 ? IN_BLOCKS : ONE_BY_ONE;
}

// ---------------------------------------------------------------- batches

// Numbers in 64 bytes.
static inline int64_t lanes_of(const Plan& plan) { return plan.is_double ? 8 : 16; }

// Whether the output layer lies turned: samples in lanes. Few outputs then fill the lanes, each of their weights is
// read once a chunk, and the sums over outputs are sums of Lanes. Never the only layer of a front scale or of
// fields, whose rows are those of the inputs.
static inline bool turns_output(const Plan& plan, int64_t rows) {
  const int64_t n_d = plan.network.n_d, lanes = lanes_of(plan);
  const auto padded_to_lanes = [&](int64_t n) { return (n + lanes - 1) / lanes * lanes; };
  if ((plan.front_scale || plan.network.n_fields > 0) && plan.network.depth == 1) return false;
  return n_d <= 16 && 4 * padded_to_lanes(rows) * n_d < 3 * rows * padded_to_lanes(n_d);
}

// Turned output layers of so few nodes are summed without tiles (batch/few_outputs.hpp).
constexpr int FEW_OUTPUTS = 4;
static inline bool has_few_outputs(int64_t n_out) { return n_out <= FEW_OUTPUTS; }

// Both layers at once in registers (batch/shallow.hpp), if the output layer is turned. 16 registers of half the Lanes
// hold the gradients of one output, not of more.
constexpr int FEW_ROWS = 9;  // of W_0, the bias row included: their sums stay in registers
static constexpr bool has_shallow(int pieces) { return pieces <= 2; }
static constexpr int shallow_outputs(int pieces) { return pieces == 1 ? FEW_OUTPUTS : 1; }
static inline bool is_shallow(const Plan& plan, int pieces) {
  const Network& net = plan.network;
  return has_shallow(pieces) && net.depth == 2 && net.layers[0].sigma == RELU && net.layers[0].rows <= FEW_ROWS &&
         net.n_d <= shallow_outputs(pieces) && net.layers[0].dropout == 0 && !plan.front_scale && net.n_fields == 0;
}

// ---------------------------------------------------------------- threads within a descent

// Descents over threads come first: a thread takes the next descent that nobody has. One that finds none left helps
// those that still run, where they are worth it: then the rows of each batch are dealt to the members of the descent's
// team, and so are its weights. How many may work on one at a time is a function of the plan alone, and how many
// threads there are of the descents and `n_jobs`; what else the machine does is not asked. The bits are the same
// anyway.

// Rows are dealt by so many at least: lanes of a layer that lies turned stay whole.
constexpr int64_t ROWS_DEALT = 16;

// By measurement (README.md). A member should have so many multiply-adds of a chunk of rows that the joins do not
// matter; small networks have small chunks.
constexpr int64_t LEAST_SHARED_ROWS = 32, LEAST_SHARED_WEIGHTS = 50'000, WORK_OF_MEMBER = 1'500'000;

// About how many multiply-adds a chunk of so many rows asks for. Of fields, a row asks for two or three for each node,
// and their weights for what a step costs.
static inline int64_t work_of_chunk(int64_t rows, const Network& net) {
  const int64_t nodes = net.layers[0].n_out, coded = net.coded * nodes;
  return rows * (net.theta_size - coded + 3 * net.n_fields * nodes) + 4 * coded;
}

// Members that may share chunks of so many rows.
static inline int64_t most_members(int64_t rows, const Network& net) {
  constexpr int64_t CHUNK = 256;
  const int64_t together = rows < CHUNK ? rows : CHUNK;
  if (together < LEAST_SHARED_ROWS || net.theta_size < LEAST_SHARED_WEIGHTS) return 1;
  const int64_t by_rows = (together + ROWS_DEALT - 1) / ROWS_DEALT;
  const int64_t by_work = work_of_chunk(together, net) / WORK_OF_MEMBER;
  const int64_t most = by_rows < by_work ? by_rows : by_work;
  return most > 1 ? most : 1;
}

// Of a descent.
static inline int64_t most_members(const Plan& plan) {
  if (regime_of(plan) != IN_BATCHES) return 1;
  return most_members(plan.batch_size < plan.rows ? plan.batch_size : plan.rows, plan.network);
}

// Threads of a call for so many descents, of which `most` may share one: never more than `n_jobs`, and those that help
// never more than the processors that this process may use.
static inline int64_t threads_of(int64_t descents, int64_t most, int64_t n_jobs, int64_t processors) {
  const int64_t apart = descents < n_jobs ? descents : n_jobs;
  const int64_t helped = n_jobs / most < descents ? n_jobs : descents * most;
  const int64_t useful = helped < processors ? helped : processors;
  return apart > useful ? apart : useful;
}

// ---------------------------------------------------------------- one sample at a time

// SGD with one narrow hidden layer of ReLU and one output: all but W_0 in registers (single/narrow.hpp), and little
// else with 16 of half the Lanes, which pays all the same; four quarters do not fit.
constexpr int NARROW_LINES = 4;  // of 64 bytes, of the hidden layer
static constexpr bool has_narrow(int pieces) { return pieces <= 2; }
static inline bool is_narrow(const Plan& plan, int pieces) {
  const Network& net = plan.network;
  return has_narrow(pieces) && plan.optimizer == SGD && net.depth == 2 && net.layers[0].sigma == RELU &&
         net.layers[0].n_out <= NARROW_LINES * lanes_of(plan) && net.n_d == 1 && net.layers[1].sigma != SOFTMAX;
}

// ---------------------------------------------------------------- restarts in lanes

// Whether states of this plan may run together; whether they do, jobs.hpp decides by how many they are.
static inline bool may_share_lanes(const Plan& plan, const Task& task) { return plan.plain && !task.loss_patience; }

constexpr int64_t NO_LANES = INT64_MAX;

// How many restarts alone take as long as a group in lanes, which takes the same time however many it holds. By
// measurement (README.md), and rather too many than too few.
static inline int64_t lanes_worth(const Plan& plan) {
  const int64_t weights = plan.network.theta_size;
  if (block_length(plan) > 1) return NO_LANES;  // the order of blocks is not that of lanes
  if (plan.batch_size > 1) return plan.batch_size < 16 ? 3 + weights / 40 : 5 + weights / 25;
  const double root = __builtin_sqrt(static_cast<double>(weights));
  if (plan.optimizer != SGD) return static_cast<int64_t>(3.0 + root / 2.7);
  const Network& net = plan.network;
  const bool narrow = net.depth == 2 && net.layers[0].sigma == RELU && net.n_d == 1;  // alone by single/narrow.hpp
  return static_cast<int64_t>(narrow ? 2.5 + root / 3.0 : 1.5 + root / 3.2);
}

}  // namespace descend
