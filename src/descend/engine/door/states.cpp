// The checks of door/states.hpp.
#include "door/states.hpp"

#include <algorithm>
#include <string>

#include "contract/state.hpp"

namespace descend {
namespace {

std::string name_of(size_t k) { return "states[" + std::to_string(k) + "]"; }

bool between(int64_t value, int64_t least, int64_t most) { return least <= value && value <= most; }

// A running state's counters must lead to no place outside its buffer.
void check_counters(const Plan& plan, const int64_t* c, size_t k) {
  if (c[C_FORMAT] != 1)
    value_error("`" + name_of(k) + "` has format " + std::to_string(c[C_FORMAT]) + "; this engine knows 1.");
  if (!between(c[C_STATUS], 0, STATUSES - 1))
    value_error("`" + name_of(k) + "` has the unknown status " + std::to_string(c[C_STATUS]) + ".");
  if (c[C_STATUS] != RUNNING) return;
  const int64_t round = c[C_ROUND], epoch = c[C_EPOCH];
  const bool ended = between(round, plan.rounds, plan.rounds);
  const bool in_epoch = between(round, 0, plan.rounds) && epoch == round / plan.rounds_per_epoch;
  const int64_t looks = plan.validation_rows == 0 ? 0 : plan.validate_every > 0 ? round / plan.validate_every : epoch;
  const bool looked = between(c[C_LOOKS], 0, looks) && between(c[C_LOOKS_SINCE_IMPROVEMENT], 0, c[C_LOOKS]);
  const bool fits = ended || (in_epoch && looked && between(c[C_EPOCH_ROWS], 0, plan.rows));
  if (!fits)
    value_error("`" + name_of(k) + "` does not fit the plan: round " + std::to_string(round) + ", epoch " +
                std::to_string(epoch) + ", looks " + std::to_string(c[C_LOOKS]) + ".");
}

void check_apart(const std::vector<Array>& arrays, int64_t size) {
  std::vector<const char*> starts;
  for (const Array& one : arrays) starts.push_back(one.as<const char>());
  std::sort(starts.begin(), starts.end());
  for (size_t k = 1; k < starts.size(); k++)
    if (starts[k] - starts[k - 1] < size) value_error("`states` must not share memory.");
}

// A schedule must say something about each of the rounds from `first` on.
void check_covers(const Task& task, const Schedule& schedule, const char* name, int64_t first, int64_t last) {
  const bool covered = task.first_round <= first && task.first_round + schedule.count >= last;
  if (schedule.count != 1 && !covered)
    value_error("`" + std::string(name) + "` must be one number, or cover the rounds " + std::to_string(first) +
                " to " + std::to_string(last - 1) + "; got " + std::to_string(schedule.count) + " from round " +
                std::to_string(task.first_round) + " on.");
}

}  // namespace

BorrowedStates::BorrowedStates(const Plan& plan, const nb::tuple& buffers) {
  Section sections[SECTIONS];
  const int64_t size = lay_out_state(plan, sections);
  for (size_t k = 0; k < buffers.size(); k++) {
    const std::string name = name_of(k);
    arrays_.emplace_back(nb::handle(buffers[k]), Wanted{name.c_str(), "uint8", {size}, true, 64});
    check_counters(plan, arrays_.back().as<int64_t>(), k);
  }
  check_apart(arrays_, size);
}

std::vector<void*> BorrowedStates::running(const Plan& plan, const Task& task) const {
  std::vector<void*> found;
  const int64_t last = std::min(plan.rounds, task.until_epoch * plan.rounds_per_epoch);
  for (const Array& one : arrays_) {
    const int64_t* c = one.as<int64_t>();
    const bool ended = c[C_ROUND] >= plan.rounds;
    if (c[C_STATUS] != RUNNING || (!ended && c[C_EPOCH] >= task.until_epoch)) continue;
    found.push_back(one.as<void>());
    if (ended) continue;
    check_covers(task, task.learning_rates, "learning_rates", c[C_ROUND], last);
    check_covers(task, task.decay, "decay", c[C_ROUND], last);
    check_covers(task, task.dropout, "dropout", c[C_ROUND], last);
  }
  return found;
}

}  // namespace descend
