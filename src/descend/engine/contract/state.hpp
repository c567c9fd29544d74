// A state's flat buffer of bytes: which section lies where. Views only; the caller owns the bytes.
#pragma once

#include <cstdint>

#include "contract/plan.hpp"

namespace descend {

enum Counter {
  C_FORMAT,
  C_STATUS,
  C_ROUND,
  C_EPOCH,
  C_ORDER_SEED,
  C_LOOKS,
  C_BEST_LOOK,
  C_BEST_ROUND,
  C_LOOKS_SINCE_IMPROVEMENT,
  C_DIVERGED_ROUND,
  C_EPOCH_ROWS,
  C_RACES,  // Python's
  C_DROPOUT_SEED,
  COUNTERS = 16
};
enum Scalar { S_BEST_LOSS, S_EPOCH_LOSS, S_SECONDS, S_DIVERGED_LEARNING_RATE, S_LEARNING_RATE_FACTOR, SCALARS = 16 };
enum Status { RUNNING, FINISHED, STOPPED_EARLY, DIVERGED, KILLED, STATUSES };  // KILLED: by Python's race

enum SectionIndex {
  COUNTERS_AT,
  SCALARS_AT,
  LOSS_CURVE_AT,
  VALIDATION_CURVE_AT,
  THETA_AT,
  MOMENT_1_AT,
  MOMENT_2_AT,
  BEST_THETA_AT,
  SECTIONS
};
static const char* const SECTION_NAMES[SECTIONS] = {
    "counters", "scalars", "loss_curve", "validation_curve", "theta", "moment_1", "moment_2", "best_theta",
};

struct Section {
  const char* dtype;
  int64_t count, offset;
};

static inline int moments_of(Optimizer optimizer) {
  return optimizer == SGD ? 0 : optimizer == MOMENTUM || optimizer == NESTEROV ? 1 : 2;
}

// Fills the table of sections and returns the size of the buffer; sections start at multiples of 64 bytes.
static inline int64_t lay_out_state(const Plan& plan, Section* sections) {
  const int64_t weights = plan.parameters, moments = moments_of(plan.optimizer);
  const int64_t counts[SECTIONS] = {COUNTERS,
                                    SCALARS,
                                    plan.epochs,
                                    plan.looks,
                                    weights,
                                    moments >= 1 ? weights : 0,
                                    moments >= 2 ? weights : 0,
                                    plan.validation_rows > 0 ? weights : 0};
  int64_t offset = 0;
  for (int k = 0; k < SECTIONS; k++) {
    const bool wide = k < THETA_AT || plan.is_double;
    sections[k] = {k == COUNTERS_AT ? "int64" : wide ? "float64" : "float32", counts[k], offset};
    offset += (counts[k] * (wide ? 8 : 4) + 63) / 64 * 64;
  }
  return offset;
}

template <class T>
struct State {
  int64_t* counters;
  double *scalars, *loss_curve, *validation_curve;
  T *theta, *moment_1, *moment_2, *best_theta;
};

template <class T>
static inline State<T> view_state(const Plan& plan, void* buffer) {
  Section at[SECTIONS];
  lay_out_state(plan, at);
  char* start = static_cast<char*>(buffer);
  const auto numbers = [&](int k) { return reinterpret_cast<double*>(start + at[k].offset); };
  const auto weights = [&](int k) { return reinterpret_cast<T*>(start + at[k].offset); };
  return {reinterpret_cast<int64_t*>(start),
          numbers(SCALARS_AT),
          numbers(LOSS_CURVE_AT),
          numbers(VALIDATION_CURVE_AT),
          weights(THETA_AT),
          weights(MOMENT_1_AT),
          weights(MOMENT_2_AT),
          weights(BEST_THETA_AT)};
}

}  // namespace descend
