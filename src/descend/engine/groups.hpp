// Which states run together: groups of at most as many as there are lanes, all at the same place of one order of
// samples. A group of one runs alone. The bits do not depend on it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "kernels.hpp"

namespace descend {

using Group = std::vector<void*>;

// What the states of a group share: order_seed, round, epoch, epoch_rows.
using MeetingPlace = std::array<int64_t, 4>;

inline MeetingPlace meeting_place(const void* state) {
  const int64_t* c = static_cast<const int64_t*>(state);
  return {c[C_ORDER_SEED], c[C_ROUND], c[C_EPOCH], c[C_EPOCH_ROWS]};
}

// Is it faster to run `count` restarts in groups? A group takes about as long as LANES_WORTH restarts alone, however
// many it holds.
inline bool worth_lanes(size_t count, size_t lanes, size_t n_jobs) {
  const auto turns = [&](size_t pieces) { return (pieces + n_jobs - 1) / n_jobs; };
  const size_t full = count / lanes, rest = count % lanes;
  return turns(full + (rest >= LANES_WORTH)) * LANES_WORTH <= turns(count - (rest < LANES_WORTH ? rest : 0)) &&
         count >= LANES_WORTH;
}

// Groups before single states: they take longest. `lanes` 0: all alone.
inline std::vector<Group> grouped(const Plan& plan, const std::vector<void*>& states, int lanes, int n_jobs) {
  std::map<MeetingPlace, Group> meeting;
  std::vector<Group> groups, alone;
  const bool may = lanes > 0 && plan.network.theta_size <= LANES_WEIGHTS;
  for (void* state : states) {
    if (may && static_cast<const int64_t*>(state)[C_ROUND] < plan.rounds)
      meeting[meeting_place(state)].push_back(state);
    else
      alone.push_back({state});
  }
  for (const auto& [place, members] : meeting) {
    const size_t most = static_cast<size_t>(lanes), count = members.size();
    const bool together = worth_lanes(count, most, static_cast<size_t>(n_jobs));
    for (size_t first = 0, size = 0; first < count; first += size) {
      size = std::min(most, count - first);
      if (!together || size < LANES_WORTH) size = 1;
      const auto start = members.begin() + static_cast<std::ptrdiff_t>(first);
      (size > 1 ? groups : alone).emplace_back(start, start + static_cast<std::ptrdiff_t>(size));
    }
  }
  groups.insert(groups.end(), alone.begin(), alone.end());
  return groups;
}

}  // namespace descend
