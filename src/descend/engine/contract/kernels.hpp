// The table that every instruction set fills: all that the rest of the engine knows of the kernels.
// Each set and each of the two types of numbers is one translation unit, with the set's flags; kernels/dispatch.cpp
// picks a set at load.
#pragma once

#include <cstddef>

#include "contract/indexed.hpp"
#include "contract/plan.hpp"
#include "contract/state.hpp"

namespace descend {

// What a trace is written to: flat arrays, layers in order. Without bias entries, but v holds those of layers 0 ...
// d-1.
template <class T>
struct Trace {
  T *s, *v, *delta, *dL_dv;  // layers 1 ... d, 0 ... d, 1 ... d, 0 ... d
  T* dL_dW;                  // theta's layout
};

// Nodes of the widest of layers 1 ... d.
static inline int64_t widest_layer(const Network& net) {
  int64_t most = 0;
  for (int64_t l = 0; l < net.depth; l++) most = net.layers[l].n_out > most ? net.layers[l].n_out : most;
  return most;
}

// Bytes of scratch memory (64-byte aligned, filled with zeros) of predict_one, the same for every instruction set:
// s and v of one layer, and three lines for softmax.
static inline size_t one_row_workspace(const Network& net, size_t itemsize) {
  return 2 * ((static_cast<size_t>(widest_layer(net)) * itemsize + 63) / 64 * 64) + 3 * 64;
}

template <class T>
struct Kernels {
  // Bytes of scratch memory (64-byte aligned, one per job) that the functions below need for a plan, with a team of at
  // most so many members. A team may be null.
  size_t (*workspace)(const Plan& plan, int members);
  // Runs one state, with the task's team; see contract/run.hpp.
  void (*run)(const Plan& plan, const Data<T>& data, const State<T>& state, const Task& task, void* room);
  // Restarts that run together where the network is small (lanes/run.hpp): at most so many, 0 where there is no such
  // thing; scratch memory as above; states at one meeting place (door/lane_groups.hpp). Those that are left
  // running before until_epoch go on alone.
  int lanes;
  size_t (*lanes_workspace)(const Plan& plan);
  void (*run_lanes)(const Plan& plan, const Data<T>& data, const State<T>* states, int count, const Task& task,
                    void* room);
  // output (rows, n_d) of rows of inputs.
  void (*predict)(const Plan& plan, const T* theta, const InputRows<T>& X, int64_t rows, T* output, const Team* team,
                  void* room);
  // gradient (rows, n_0): dL/dv_0 of each row of X, given dL/dv_d (rows, n_d). Not for fields, nor is `trace`.
  void (*input_gradient)(const Plan& plan, const T* theta, const T* X, const T* dL_dv, int64_t rows, T* gradient,
                         const Team* team, void* room);
  // output (n_d,) of one row, the bits of `predict`; `room` of one_row_workspace.
  void (*predict_one)(const Plan& plan, const T* theta, const InputRows<T>& x, T* output, void* room);
  // v (rows, n_out) of a first layer whose inputs come by index; s and v have room for rows * stride numbers each,
  // 64-byte aligned.
  void (*indexed_layer)(const IndexedLayer<T>& layer, const IndexedRows<T>& given, T* s, T* v);
  // The objective over plan.rows rows with plan.l2, and its gradient in theta's layout.
  double (*loss_and_gradient)(const Plan& plan, const T* theta, const Data<T>& data, T* gradient, const Team* team,
                              void* room);
  void (*trace)(const Plan& plan, const T* theta, const T* x, const T* y, const Trace<T>& out, void* room);
  // n values of sigma, or of sigma', for code < ACTIVATIONS; code ACTIVATIONS is sign with its surrogate, and
  // code ACTIVATIONS + 1 + f is Function f.
  void (*evaluate)(int code, bool derivative, const T* s, T* out, int64_t n);
};

// One instruction set, compiled for this machine's family.
struct Isa {
  const char* name;
  bool (*available)();
  const Kernels<float>& float32;
  const Kernels<double>& float64;
};

extern const Kernels<float> AVX512_FLOAT32, AVX2_FLOAT32, NEON_FLOAT32, BASELINE_FLOAT32, SCALAR_FLOAT32;
extern const Kernels<double> AVX512_FLOAT64, AVX2_FLOAT64, NEON_FLOAT64, BASELINE_FLOAT64, SCALAR_FLOAT64;

}  // namespace descend
