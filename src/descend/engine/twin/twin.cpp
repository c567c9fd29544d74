// The scalar twin: the whole engine once more, one number at a time, in the order of contract/order.hpp as README.md
// states it. It shares with the kernels the formulas of one number (numbers/functions.hpp, numbers/activations.hpp,
// numbers/losses.hpp, here over One<T> and std::fma) and the control of a run (contract/run.hpp); sums, layouts,
// optimisers are its own. The bitwise oracle of every instruction set, never optimised; DESCEND_ISA=scalar runs it.
#define DESCEND_TWIN

#include <vector>

#include "contract/kernels.hpp"
#include "contract/regime.hpp"
#include "contract/run.hpp"
#include "numbers/activations.hpp"
#include "numbers/losses.hpp"
#include "twin/block.hpp"
#include "twin/by_index.hpp"
#include "twin/coded.hpp"
#include "twin/functions.hpp"
#include "twin/masks.hpp"
#include "twin/optimisers.hpp"
#include "twin/outputs.hpp"

namespace descend {
namespace {

template <class T>
struct TwinNet {
  using V = One<T>;
  const Plan& plan;
  const Network& net = plan.network;
  const Data<T>& data;
  const State<T>& state;
  const T* theta;
  const Task* task = nullptr;                      // null outside training
  std::vector<std::vector<T>> s, v, delta, dL_dv;  // layers 0 ... d, of one sample; v with bias entry
  std::vector<T> gradient;                         // theta's layout
  double lambda = plan.l2;                         // of the last round
  const bool in_training = state.theta != nullptr;
  std::vector<uint32_t> samples;
  TwinMasks<T> masks;
  TwinFields<T> fields{plan};
  T log_sum = 0, single_weight = 1;

  TwinNet(const Plan& p, const Data<T>& d, const State<T>& st, const T* weights)
      : plan(p), data(d), state(st), theta(weights), gradient(p.parameters), samples(p.rows) {
    for (int64_t l = 0; l <= net.depth; l++) {
      const size_t n = l < net.depth ? net.layers[l].n_in : net.n_d;
      s.emplace_back(n), delta.emplace_back(n), dL_dv.emplace_back(n), v.emplace_back(n), masks.add_layer(n);
      if (l < net.depth && net.layers[l].rows > net.layers[l].n_in) v[l].push_back(static_cast<T>(net.layers[l].bias));
    }
  }

  const Layer& layer(int64_t l) const { return net.layers[l]; }
  Activation output() const { return layer(net.depth - 1).sigma; }

  // ---------------------------------------------------------------- forward

  // s_j = c W[bias, j] + sum_i v_i W[i, j]
  T sum(int64_t l, int64_t j) const {
    const Layer& w = layer(l);
    const T* W = theta + w.offset;
    T a = w.rows > w.n_in ? v[l][w.n_in] * W[w.n_in * w.n_out + j] : T(0);
    for (int64_t i = 0; i < w.n_in; i++) a = std::fma(v[l][i], W[i * w.n_out + j], a);
    return a;
  }

  // v_0 = scale x;  s, and v = mask sigma(s)
  void forward(const InputRows<T>& row, bool single = false, const TwinBlock<T>* block = nullptr, int64_t t = 0) {
    const T* x = fields.any() ? fields.columns_of(row) : row.x;
    for (int64_t i = 0; i < net.n_0; i++) v[0][i] = plan.front_scale ? theta[net.theta_size + i] * x[i] : x[i];
    for (int64_t l = 0; l < net.depth; l++) {
      const Layer& w = layer(l);
      const TwinLayer<T> alone{plan, w, l, theta + w.offset, s[l]};
      for (int64_t j = 0; j < w.n_out; j++)
        s[l + 1][j] = l == 0 && block          ? block->sum(t, j)
                      : l == 0 && fields.any() ? fields.sum(theta, v[0], row, j)
                      : single                 ? alone.sum(v[l], j)
                                               : sum(l, j);
      if (w.sigma == SOFTMAX)
        log_sum = softmax_of(s[l + 1], v[l + 1]);
      else
        with_activation(w.sigma, false, [&](auto row) {
          for (int64_t j = 0; j < w.n_out; j++) v[l + 1][j] = masks.times(l + 1, j, row.value(V{s[l + 1][j]}).x);
        });
    }
  }

  Output<V> output_at(const T* y, int64_t j) const {
    return {{y[j]}, {s[net.depth][j]}, {v[net.depth][j]}, {static_cast<T>(net.loss_parameter[j])}, {log_sum}};
  }

  T loss(const T* y) const {
    T sum = 0;
    with_loss(net.loss, output(), [&](auto row) {
      sum = row.term(output_at(y, 0)).x;
      for (int64_t j = 1; j < net.n_d; j++) sum = sum + row.term(output_at(y, j)).x;
    });
    return sum;
  }

  // ---------------------------------------------------------------- backward

  T slope(Activation sigma, T s_j, T v_j) const {
    T result = 0;
    with_activation(sigma, net.straight_through, [&](auto row) { result = row.derivative(V{s_j}, V{v_j}).x; });
    return result;
  }

  // dL/dv_d and delta_d
  void output_delta(const T* y) {
    with_loss(net.loss, output(), [&](auto row) {
      for (int64_t j = 0; j < net.n_d; j++) {
        const Output<V> o = output_at(y, j);
        dL_dv[net.depth][j] = row.dL_dv(o).x;
        delta[net.depth][j] =
            decltype(row)::FUSED ? o.v.x - o.y.x : dL_dv[net.depth][j] * slope(output(), o.s.x, o.v.x);
      }
    });
  }

  // gradient[i, j] += v_i delta_j, of W_0 x_i delta_j;  dL_dv_i = sum_j W[i, j] delta_j;  delta_i = dL_dv_i sigma'(s_i)
  void backward(const InputRows<T>& row) {
    const T* x = fields.any() ? fields.columns_of(row) : row.x;
    for (int64_t l = net.depth - 1; l >= 0; l--) {
      const Layer& w = layer(l);
      const T* W = theta + w.offset;
      const std::vector<T>& above = delta[l + 1];
      if (l == 0) fields.add_gradient(row, above, gradient);
      for (int64_t i = 0; i < w.rows; i++)
        for (int64_t j = 0; j < w.n_out && !(l == 0 && fields.covers(i)); j++) {
          T& g = gradient[w.offset + i * w.n_out + j];
          g = std::fma(l == 0 && i < w.n_in ? x[i] : v[l][i], above[j], g);
        }
      for (int64_t i = 0; i < w.n_in; i++) {
        T a = W[i * w.n_out] * above[0];
        for (int64_t j = 1; j < w.n_out; j++) a = std::fma(W[i * w.n_out + j], above[j], a);
        dL_dv[l][i] = a;
        if (l > 0) delta[l][i] = masks.times(l, i, a) * slope(layer(l - 1).sigma, s[l][i], value_at(l, i));
      }
    }
  }

  // sigma(s) of a node, dropped or not
  T value_at(int64_t l, int64_t i) const {
    T result = v[l][i];
    if (layer(l - 1).dropout > 0)
      with_activation(layer(l - 1).sigma, false, [&](auto row) { result = row.value(V{s[l][i]}).x; });
    return result;
  }

  // dL/dscale_i = sum_j W[i, j] gradient[i, j];  gradient[i, j] *= scale_i
  void through_front_scale() {
    const Layer& w = layer(0);
    for (int64_t i = 0; i < w.n_in; i++) {
      std::vector<T> a(64 / sizeof(T));
      for (int64_t j = 0; j < w.n_out; j++) {
        T &g = gradient[w.offset + i * w.n_out + j], &one = a[static_cast<size_t>(j) % a.size()];
        one = std::fma(theta[w.offset + i * w.n_out + j], g, one);
        g = theta[net.theta_size + i] * g;
      }
      gradient[net.theta_size + i] = fold_of(a);
    }
  }

  InputRows<T> training_row(int64_t row) const { return inputs_from(net, training_inputs(data), row); }

  // Forward and loss of the one sample of a round; its way back is one with its step.
  double single_round(int64_t row, double epoch_loss, const TwinBlock<T>* block = nullptr, int64_t t = 0) {
    const T* y = data.Y + row * net.n_d;
    single_weight = data.sample_weight ? data.sample_weight[row] : T(1);
    forward(training_row(row), true, block, t);
    output_delta(y);
    return epoch_loss + static_cast<double>(single_weight) * static_cast<double>(loss(y));
  }

  void single_update(double eta, int64_t round, int64_t last_layer = 0) {
    for (T& one : delta[net.depth]) one = one * (single_scale<T>(plan, eta) * single_weight);
    for (int64_t l = net.depth - 1; l >= 0; l--) {
      const Layer& w = layer(l);
      const TwinLayer<T> alone{plan, w, l, theta + w.offset, s[l]};
      for (int64_t i = 0; i < w.n_in && l > 0; i++)
        delta[l][i] = alone.below(delta[l + 1], i) * slope(layer(l - 1).sigma, s[l][i], v[l][i]);
      for (int64_t k = 0; k < w.rows * w.n_out && l >= last_layer; k++) {
        const int64_t i = k / w.n_out, at = w.offset + k;
        if (i < w.n_in && !alone.counts(i)) continue;
        const TwinWeight<T> weight{state.theta + at, state.moment_1 + at, state.moment_2 + at};
        single_step(plan, eta, round, i < w.n_in ? plan.l2 : 0.0, v[l][i], delta[l + 1][k % w.n_out], weight);
      }
    }
  }

  // Blocks of rounds, as BlockNet has them.
  int64_t rounds(const Task& task, const uint32_t* batch, int64_t first, int64_t last, double& epoch_loss) {
    int64_t done = 0;
    while (first + done < last && !stop_asked(task)) {
      const int64_t left = last - first - done, length = block_length(plan), n = left < length ? left : length;
      const int64_t count = one_block(task, batch + done, first + done, n, epoch_loss);
      done += count;
      if (count < n) break;
    }
    return done;
  }

  int64_t one_block(const Task& task, const uint32_t* batch, int64_t first, int64_t n, double& epoch_loss) {
    std::vector<double> etas;
    for (int64_t t = 0; t < n; t++)
      etas.push_back(learning_rate(task, first + t, state.scalars[S_LEARNING_RATE_FACTOR]));
    TwinBlock<T> block(plan, state.theta, moments_of(plan.optimizer) > 0 ? state.moment_1 : nullptr, etas);
    for (int64_t t = 0; t < n; t++) block.x.push_back(data.X + batch[t] * net.n_0);
    int64_t t = 0;
    for (; t < n; t++) {
      epoch_loss = single_round(batch[t], epoch_loss, &block, t);
      if (!std::isfinite(epoch_loss)) break;
      single_update(etas[t], first + t, 1);
      block.d.push_back(delta[1]);
    }
    block.step();
    return t;
  }

  double round(const uint32_t* batch, int64_t size, double epoch_loss) {
    if (in_training && one_by_one(plan)) return single_round(batch[0], epoch_loss);
    gradient.assign(gradient.size(), T(0));
    if (task) lambda = plan.l2 * at_round(task->decay, *task, state.counters[C_ROUND]);
    for (int64_t k = 0; k < size; k++) {
      const int64_t row = batch[k];
      const T* y = data.Y + row * net.n_d;
      const T weight = data.sample_weight ? data.sample_weight[row] : T(1), share = weight / static_cast<T>(size);
      if (task) masks.draw(plan, *task, state, k);
      forward(training_row(row));
      epoch_loss = epoch_loss + static_cast<double>(weight) * static_cast<double>(loss(y));
      output_delta(y);
      if (share != T(1))
        for (T& one : delta[net.depth]) one = one * share;
      backward(training_row(row));
    }
    fields.finish(gradient);
    if (plan.front_scale) through_front_scale();
    masks.clear();
    return epoch_loss;
  }

  // ---------------------------------------------------------------- what contract/run.hpp asks for

  void begin() {}
  void end() {}
  uint32_t* order() { return samples.data(); }
  void keep_best() {
    for (int64_t i = 0; i < plan.parameters; i++) state.best_theta[i] = theta[i];
  }

  double penalty() const {
    double sum = 0;
    if (lambda == 0 || plan.optimizer == ADAMW) return sum;
    for (int64_t i = 0; i < plan.parameters; i++) {
      const double w = static_cast<double>(theta[i]), factor = factors_of(i).decay;
      if (factor != 0) sum = sum + factor * (w * w);
    }
    return sum * (lambda / 2);
  }

  // Those of the group to which a parameter belongs.
  const Factors& factors_of(int64_t i) const {
    int64_t l = 0;
    while (l < net.depth && i >= layer(l).offset + layer(l).rows * layer(l).n_out) l++;
    const bool bias = l < net.depth && i >= layer(l).offset + layer(l).n_in * layer(l).n_out;
    return plan.factors[2 * l + bias];
  }

  bool weights_are_finite() const {
    for (int64_t i = 0; i < plan.parameters; i++)
      if (!std::isfinite(theta[i])) return false;
    return true;
  }

  double validation_loss() {
    double sum = 0, weights = 0;
    for (int64_t row = 0; row < plan.validation_rows; row++) {
      const double w = data.validation_weight ? static_cast<double>(data.validation_weight[row]) : 1.0;
      forward(inputs_from(net, validation_inputs(data), row));
      sum = sum + w * static_cast<double>(loss(data.Y_validation + row * net.n_d));
      weights = weights + w;
    }
    return sum / weights;
  }

  void update(double eta, int64_t round) {
    if (one_by_one(plan)) return single_update(eta, round);
    for (int64_t i = 0; i < plan.parameters; i++) {
      const Factors& group = factors_of(i);
      batch_step(plan, state.theta[i], state.moment_1 + i, state.moment_2 + i, gradient[i], eta * group.learning_rate,
                 lambda * group.decay, round);
    }
  }
};

// ---------------------------------------------------------------- the table

template <class T>
size_t workspace(const Plan&, int) {
  return 0;  // the twin has its own vectors
}

template <class T>
void run(const Plan& plan, const Data<T>& data, const State<T>& state, const Task& task, void*) {
  TwinNet<T> net(plan, data, state, state.theta);
  net.task = &task;
  if (regime_of(plan) == IN_BLOCKS) return run_in_stretches(plan, task, net, state);
  run_state(plan, task, net, state);
}

template <class T>
void predict(const Plan& plan, const T* theta, const InputRows<T>& X, int64_t rows, T* output, const Team*, void*) {
  const Data<T> data{};
  const State<T> state{};
  TwinNet<T> net(plan, data, state, theta);
  for (int64_t row = 0; row < rows; row++) {
    net.forward(inputs_from(plan.network, X, row));
    output = append(net.v.back(), output);
  }
}

template <class T>
void input_gradient(const Plan& plan, const T* theta, const T* X, const T* dL_dv, int64_t rows, T* gradient,
                    const Team*, void*) {
  const Data<T> data{};
  const State<T> state{};
  TwinNet<T> net(plan, data, state, theta);
  for (int64_t row = 0; row < rows; row++, X += plan.network.n_0, dL_dv += plan.network.n_d) {
    net.forward({X});
    given_delta(net, dL_dv);
    net.backward({X});
    gradient = append(net.dL_dv[0], gradient);
  }
}

template <class T>
void predict_one(const Plan& plan, const T* theta, const InputRows<T>& x, T* output, void*) {
  predict(plan, theta, x, 1, output, nullptr, nullptr);
}

template <class T>
double loss_and_gradient(const Plan& plan, const T* theta, const Data<T>& data, T* gradient, const Team*, void*) {
  const State<T> state{};
  TwinNet<T> net(plan, data, state, theta);
  for (int64_t i = 0; i < plan.rows; i++) net.samples[i] = static_cast<uint32_t>(i);
  const double sum = net.round(net.order(), plan.rows, 0.0);
  for (int64_t i = 0; i < plan.network.theta_size; i++) gradient[i] = net.gradient[i];
  for (int64_t l = 0; l < plan.network.depth && plan.l2 != 0; l++) {
    const Layer& w = plan.network.layers[l];
    for (int64_t i = w.offset; i < w.offset + w.n_in * w.n_out; i++)
      gradient[i] = std::fma(static_cast<T>(plan.l2), theta[i], gradient[i]);
  }
  return sum / static_cast<double>(plan.rows) + net.penalty();
}

template <class T>
void trace(const Plan& plan, const T* theta, const T* x, const T* y, const Trace<T>& out, void*) {
  const Data<T> data{};
  const State<T> state{};
  TwinNet<T> net(plan, data, state, theta);
  net.forward({x});
  net.output_delta(y);
  net.backward({x});
  T *s = out.s, *v = out.v, *delta = out.delta, *dL_dv = out.dL_dv;
  for (int64_t l = 0; l <= plan.network.depth; l++) {
    v = append(net.v[l], v), dL_dv = append(net.dL_dv[l], dL_dv);
    if (l > 0) s = append(net.s[l], s), delta = append(net.delta[l], delta);
  }
  append(net.gradient, out.dL_dW);
}

template <class T>
constexpr Kernels<T> table() {
  Kernels<T> kernels{};
  kernels.workspace = workspace<T>, kernels.run = run<T>, kernels.indexed_layer = indexed_layer<T>;
  kernels.predict = predict<T>, kernels.predict_one = predict_one<T>, kernels.input_gradient = input_gradient<T>;
  kernels.loss_and_gradient = loss_and_gradient<T>, kernels.trace = trace<T>, kernels.evaluate = evaluate<T>;
  return kernels;
}

}  // namespace

const Kernels<float> SCALAR_FLOAT32 = table<float>();
const Kernels<double> SCALAR_FLOAT64 = table<double>();

}  // namespace descend
