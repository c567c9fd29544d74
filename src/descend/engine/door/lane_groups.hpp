// Which states run together: groups of at most as many as there are lanes, all at the same place of one order of
// samples. A group of one runs alone. The bits do not depend on it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <vector>

#include "contract/regime.hpp"
#include "contract/state.hpp"

namespace descend {

using Group = std::vector<void*>;

// What the states of a group share: order_seed, round, epoch, epoch_rows, bits of learning_rate_factor.
using MeetingPlace = std::array<int64_t, 5>;

inline MeetingPlace meeting_place(const Plan& plan, void* buffer) {
  const State<double> state = view_state<double>(plan, buffer);  // counters and scalars are those of any type
  const int64_t* c = state.counters;
  int64_t factor = 0;
  std::memcpy(&factor, &state.scalars[S_LEARNING_RATE_FACTOR], sizeof factor);
  return {c[C_ORDER_SEED], c[C_ROUND], c[C_EPOCH], c[C_EPOCH_ROWS], factor};
}

// Do groups of so many lanes finish `count` restarts before single ones do? What is left over and too few for a group
// counts for neither.
inline bool faster_in_groups(int64_t count, int64_t lanes, int64_t worth, int64_t n_jobs) {
  const auto turns = [&](int64_t pieces) { return (pieces + n_jobs - 1) / n_jobs; };
  const int64_t rest = count % lanes, partial = rest >= worth ? 1 : 0, groups = count / lanes + partial;
  return groups > 0 && turns(groups) * worth <= turns(count - (partial ? 0 : rest));
}

// Groups first, they take longest; then the others alone, as they came. `lanes` 0: all alone. `worth`: restarts alone
// that take as long as a group.
inline std::vector<Group> grouped(const Plan& plan, const std::vector<void*>& states, int lanes, int64_t worth,
                                  int n_jobs) {
  std::map<MeetingPlace, Group> meeting;
  for (void* state : states)
    if (worth <= lanes && view_state<double>(plan, state).counters[C_ROUND] < plan.rounds)
      meeting[meeting_place(plan, state)].push_back(state);
  std::vector<Group> groups;
  std::set<void*> in_groups;
  for (const auto& [place, members] : meeting) {
    const int64_t count = static_cast<int64_t>(members.size());
    if (!faster_in_groups(count, lanes, worth, n_jobs)) continue;
    for (int64_t first = 0; count - first >= worth; first += lanes) {
      groups.emplace_back(members.begin() + first, members.begin() + std::min(first + lanes, count));
      in_groups.insert(groups.back().begin(), groups.back().end());
    }
  }
  for (void* state : states)
    if (in_groups.count(state) == 0) groups.push_back({state});
  return groups;
}

}  // namespace descend
