// What main.cpp runs. Each ends the program with 1 and a text at the first difference, and returns how much it
// compared.
#pragma once

#include <cstdint>

namespace descend::tests {

// Every of-th network, from the number-th on: processes share the work.
struct Part {
  int number, of;
  bool has(size_t k) const { return k % static_cast<size_t>(of) + 1 == static_cast<size_t>(number); }
};

// Training on every instruction set has the bits of the scalar twin: alone, in lanes, by several threads, in pieces.
int64_t check_training(const Part& part);

// So have predictions, gradients, traces and functions of one number.
int64_t check_single_calls(const Part& part);

// Threads that share a descent: the same bits with teams of any size, no task lost or done twice, nobody left asleep.
int64_t check_teams(const Part& part);

// A run of many epochs allocates as often as one of few.
int64_t check_allocations();

}  // namespace descend::tests
