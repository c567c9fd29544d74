// What a run is, as plain data: the network, the options, the arrays. Made and checked by the door (door/plan.hpp),
// read by every kernel. No member functions here: this header is compiled for several instruction sets, and
// the linker must find nothing in it that it could keep from the wrong one.
#pragma once

#include <cstdint>

#include "contract/team.hpp"

namespace descend {

// The order of the names in the Python tables; tests compare them.
enum Activation {
  STEP,
  IDENTITY,
  SIGMOID,
  TANH,
  RELU,
  LEAKY_RELU,
  ELU,
  SELU,
  GELU,
  SILU,
  MISH,
  SOFTPLUS,
  SOFTMAX,
  EXP,
  ACTIVATIONS
};
static const char* const ACTIVATION_NAMES[ACTIVATIONS] = {
    "step", "identity", "sigmoid", "tanh", "relu",     "leaky_relu", "elu",
    "selu", "gelu",     "silu",    "mish", "softplus", "softmax",    "exp",
};

enum Loss { SQUARED, ABSOLUTE, HUBER, QUANTILE, POISSON, LOG_LOSS, LOSSES };
static const char* const LOSS_NAMES[LOSSES] = {"squared", "absolute", "huber", "quantile", "poisson", "log_loss"};

enum Optimizer { SGD, MOMENTUM, NESTEROV, ADAM, ADAMW, OPTIMIZERS };
static const char* const OPTIMIZER_NAMES[OPTIMIZERS] = {"sgd", "momentum", "nesterov", "adam", "adamw"};

enum Sampling { SHUFFLE, REPLACEMENT, SEQUENTIAL, SAMPLINGS };
static const char* const SAMPLING_NAMES[SAMPLINGS] = {"shuffle", "replacement", "sequential"};

// Functions of one number that `evaluate` offers besides the activations and "straight_through", sign with its
// surrogate.
enum Function { F_EXP, F_EXPM1, F_LOG, F_LOG1P, F_TANH, F_SIGMOID, F_ERF, F_ERFC, F_NORMAL_CDF, FUNCTIONS };
static const char* const FUNCTION_NAMES[FUNCTIONS] = {
    "exp", "expm1", "log", "log1p", "tanh", "sigmoid", "erf", "erfc", "normal_cdf",
};

// W_l: from layer l (n_in nodes and perhaps a bias node) to layer l+1.
struct Layer {
  int64_t n_in, n_out;
  double bias;       // c; 0: no bias node
  int64_t rows;      // n_in, + 1 with bias node
  int64_t offset;    // of W_l in theta
  Activation sigma;  // of layer l+1
  double dropout;    // share of the nodes of layer l+1 that a sample drops; 0 in the output layer
};

// What a group of parameters multiplies eta and lambda by.
struct Factors {
  double learning_rate, decay;
};

// Neighbouring columns of inputs by index (spec/indexed.py): of a row, one code says all of them. Of ramps, the columns
// before the code's hold 1 and that one the row's share z; else that one holds `value`. The others hold 0, as do all
// where the code is `count`.
struct Field {
  int64_t first, count;  // its columns, so its rows of W_0
  int64_t numbers;       // columns before it that no field covers
  bool ramps;
  double value;  // 1 of ramps
};

struct Network {
  int64_t depth;  // d, number of weight layers
  const Layer* layers;
  Loss loss;
  const double* loss_parameter;  // (n_d,)
  bool straight_through;         // sigma' of step is 1 on [-1, 1] in back-propagation
  int64_t n_0, n_d, theta_size;
  const Field* fields = nullptr;                 // ascending; none where the inputs come as they are
  int64_t n_fields = 0, n_ramps = 0, coded = 0;  // how many, of them ramps; columns that they cover
};

// Columns of the inputs that no field covers.
static inline int64_t numbers_of(const Network& net) { return net.n_0 - net.coded; }

struct Plan {
  Network network;
  bool is_double;
  int64_t rows, validation_rows, rounds, batch_size;
  int64_t block;  // rounds of a single sample that share one pass over W_0; 0: contract/regime.hpp decides
  Optimizer optimizer;
  double momentum, beta_1, beta_2, epsilon, l2;
  bool epsilon_hat;  // Adam: epsilon is added to sqrt(u), not to sqrt(u / (1 - beta_2^k))
  Sampling sampling;
  int64_t validate_every, patience;
  int64_t rounds_per_epoch, epochs, looks;
  const Factors* factors;  // (2 d + 1,): of W~_l at 2 l, of its bias row at 2 l + 1; the last of the front scale
  bool decay_varies;       // lambda_t differs from l2: Task::decay
  bool front_scale;        // v_0 = scale * x; the scale is learnt and stands behind the weights in theta
  int64_t parameters;      // numbers in theta: theta_size weights, and n_0 scales
  // Nothing in it but what the formulas of a plain step say: no dropout, no front scale, all groups of parameters
  // alike, a constant lambda, no inputs by index. Only batch/net.hpp and the twin know the rest; every other kernel is
  // for plain plans alone.
  bool plain;
};

// Inputs of some rows. Without fields: x is (rows, n_0), the rest null.
template <class T>
struct InputRows {
  const T* x;                       // (rows, n_x): the numbers
  const uint16_t* codes = nullptr;  // (rows, fields)
  const T* shares = nullptr;        // (rows, fields of ramps)
  const double* values = nullptr;   // (fields,): what one-hot columns hold in these rows; null: as the fields say
};

template <class T>
static inline double value_of(const Network& net, const InputRows<T>& rows, int64_t field) {
  return rows.values ? rows.values[field] : net.fields[field].value;
}

template <class T>
static inline InputRows<T> inputs_from(const Network& net, const InputRows<T>& all, int64_t row) {
  return {all.x + row * numbers_of(net), all.codes ? all.codes + row * net.n_fields : nullptr,
          all.shares ? all.shares + row * net.n_ramps : nullptr, all.values};
}

// Borrowed arrays of type T, C-contiguous; what is absent is null.
template <class T>
struct Data {
  const T *X, *Y, *sample_weight;
  const T *X_validation, *Y_validation, *validation_weight;
  const uint16_t *codes = nullptr, *codes_validation = nullptr;  // beside X, with fields
  const T *shares = nullptr, *shares_validation = nullptr;
  const double *values = nullptr, *values_validation = nullptr;
};

template <class T>
static inline InputRows<T> training_inputs(const Data<T>& data) {
  return {data.X, data.codes, data.shares, data.values};
}

template <class T>
static inline InputRows<T> validation_inputs(const Data<T>& data) {
  return {data.X_validation, data.codes_validation, data.shares_validation, data.values_validation};
}

// One number for all rounds, or one for each from Task::first_round on.
struct Schedule {
  const double* values;
  int64_t count;
};

// Ends a call after the epoch at which the training loss has not improved by `tol` for more than `epochs` epochs. For
// one state alone; the caller knows how things stand at the start, and reads the rest off the loss curve.
struct LossPatience {
  double tol, best;
  int64_t epochs, since;  // since the last improvement
};

// What one call of `advance` asks of every state.
struct Task {
  Schedule learning_rates;  // eta_t
  Schedule decay, dropout;  // lambda_t = l2 * decay_t;  a layer drops the share dropout * dropout_t
  int64_t first_round, until_epoch;
  const int* stop;          // not 0: stop at the end of the round
  int64_t least_group = 1;  // restarts below which a group in lanes is given up
  LossPatience* loss_patience = nullptr;
  const Team* team = nullptr;  // threads that share the work of one state in batches; null: none
};

}  // namespace descend
