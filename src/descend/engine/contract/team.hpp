// What the kernels see of other threads: a few members who share the tasks of one descent. Functions behind pointers
// and nothing of the standard library, as all that is compiled for several instruction sets; door/team.hpp is behind
// them.
//
// Who computes a task changes no bit: a task is some rows of a chunk or some rows of weights, and every chain of
// additions lies within one.
#pragma once

#include <cstdint>

namespace descend {

struct Team {
  int capacity;  // members at most; members are numbered 0 (who calls) ... capacity - 1
  void* self;
  // Members at present, who calls among them. They may become more, never fewer.
  int (*members)(void* self);
  // Calls work(context, task, member) for each task 0 ... tasks - 1, on whichever member takes it. Returns when all are
  // done, not when all members have come: one that the system does not run takes nothing and delays nobody.
  // Neighbouring tasks fall to the same member where nobody is late, and so again at the next call with as many tasks.
  void (*run)(void* self, void (*work)(void* context, int64_t task, int member), void* context, int64_t tasks);
};

// No team, one member.
static inline int members_of(const Team* team) { return team ? team->members(team->self) : 1; }
static inline int capacity_of(const Team* team) { return team ? team->capacity : 1; }

}  // namespace descend
