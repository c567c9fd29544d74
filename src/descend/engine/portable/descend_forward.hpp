// The forward pass of a descend network in plain C++: this one file, no library but <cmath>, from C++11 on. It
// allocates nothing, throws nothing and prints nothing.
//
//   v_0 = (x, c);  s_(l+1) = W_l^T v_l;  v_(l+1) = sigma(s_(l+1)), and c appended while l + 1 < d;  the output is v_d
//
//   using namespace descend::portable;
//   const std::size_t sizes[] = {2, 2, 1};                             // n_0 ... n_d
//   const Activation activations[] = {Activation::sigmoid, Activation::identity};  // of layers 1 ... d
//   const float bias[] = {1, 1};                                       // constants of layers 0 ... d-1; 0: none
//   const float theta[] = {0.5f, -0.5f, 0.25f, 0.5f, -0.5f, 0.25f,     // W_0, its last row from the bias node
//                          1.0f, -2.0f, 0.5f};                         // W_1
//   const Network<float> net = {2, sizes, activations, bias, theta};
//   const float x[] = {1, 2};
//   float workspace[4], output[1];                                     // workspace_size(net) is 4
//   forward(net, x, workspace, output);                                // output[0] is -0.235898
//
// T is float or double. Results are those of Network.predict up to rounding: the functions are those of your C++
// library, and your compiler chooses which products and sums it fuses.
#pragma once

#include <cmath>
#include <cstddef>

namespace descend {
namespace portable {

// The table of activations, under the names that Python has for them.
enum class Activation {
  step,
  identity,
  sigmoid,
  tanh,
  relu,
  leaky_relu,
  elu,
  selu,
  gelu,
  silu,
  mish,
  softplus,
  softmax,
  exp
};

// What a network is. Nothing is copied: the arrays are the caller's.
template <class T>
struct Network {
  std::size_t depth;              // d, the number of weight layers
  const std::size_t* sizes;       // n_0 ... n_d, (d + 1,), without bias nodes
  const Activation* activations;  // of layers 1 ... d, (d,); softmax for layer d only
  const T* bias;                  // constants c of the bias nodes of layers 0 ... d-1, (d,); 0: no bias node
  const T* theta;                 // W_0 ... W_(d-1), (theta_size(net),); W_l is (n_l, n_(l+1)), row by row, with one
                                  // row more, the last, where layer l has a bias node
};

// How many weights theta holds.
template <class T>
std::size_t theta_size(const Network<T>& net) {
  std::size_t size = 0;
  for (std::size_t l = 0; l < net.depth; l++) size += (net.sizes[l] + (net.bias[l] != T(0) ? 1 : 0)) * net.sizes[l + 1];
  return size;
}

// How many numbers `forward` needs to work with: the values of two hidden layers. 0 without hidden layers.
template <class T>
std::size_t workspace_size(const Network<T>& net) {
  std::size_t widest = 0;
  for (std::size_t l = 1; l < net.depth; l++) widest = net.sizes[l] > widest ? net.sizes[l] : widest;
  return 2 * widest;
}

// e^-|s|, which never overflows
template <class T>
T exp_of_minus_size(T s) {
  return std::exp(s < T(0) ? s : -s);
}

// 1 / (1 + e^-s)
template <class T>
T sigmoid(T s) {
  const T e = exp_of_minus_size(s);
  return (s < T(0) ? e : T(1)) / (T(1) + e);
}

// s t, t = tanh(log(1 + e^s)) = n / (n + 2), n = e^s (e^s + 2); from s = 20 on t is 1 to the last bit
template <class T>
T mish(T s) {
  const T e = std::exp(s > T(20) ? T(20) : s), n = e * (e + T(2));
  return s * (n / (n + T(2)));
}

// sigma(s) of every activation but softmax, which is no function of one number and comes back as s
template <class T>
T activate(Activation sigma, T s) {
  const T selu_scale = T(1.0507009873554805), selu_alpha = T(1.6732632423543772),
          inverse_sqrt_2 = T(0.7071067811865476);
  switch (sigma) {
    case Activation::step:
      return s > T(0) ? T(1) : (s < T(0) ? T(-1) : s);
    case Activation::sigmoid:
      return sigmoid(s);
    case Activation::tanh:
      return std::tanh(s);
    case Activation::relu:
      return s < T(0) ? T(0) : s;
    case Activation::leaky_relu:
      return s < T(0) ? T(0.01) * s : s;
    case Activation::elu:
      return s < T(0) ? std::expm1(s) : s;
    case Activation::selu:
      return selu_scale * (s < T(0) ? selu_alpha * std::expm1(s) : s);
    case Activation::gelu:
      return s * (T(0.5) * std::erfc(-s * inverse_sqrt_2));
    case Activation::silu:
      return s * sigmoid(s);
    case Activation::mish:
      return mish(s);
    case Activation::softplus:
      return (s < T(0) ? T(0) : s) + std::log1p(exp_of_minus_size(s));
    case Activation::exp:
      return std::exp(s);
    case Activation::identity:
    case Activation::softmax:
      break;
  }
  return s;
}

// v_j = e^(s_j) / sum_k e^(s_k) in place, shifted by the largest s so that nothing overflows
template <class T>
void softmax(T* v, std::size_t n) {
  T top = v[0], sum = T(0);
  for (std::size_t j = 1; j < n; j++) top = v[j] > top ? v[j] : top;
  for (std::size_t j = 0; j < n; j++) {
    v[j] = std::exp(v[j] - top);
    sum += v[j];
  }
  for (std::size_t j = 0; j < n; j++) v[j] /= sum;
}

// to_j = sigma(c W[bias, j] + sum_i from_i W[i, j]) for one layer; returns the end of its weights.
template <class T>
const T* layer_forward(const Network<T>& net, std::size_t l, const T* W, const T* from, T* to) {
  const std::size_t n_in = net.sizes[l], n_out = net.sizes[l + 1];
  const T c = net.bias[l], *bias_row = W + n_in * n_out;
  const bool has_bias = c != T(0);
  for (std::size_t j = 0; j < n_out; j++) to[j] = has_bias ? c * bias_row[j] : T(0);
  for (std::size_t i = 0; i < n_in; i++)
    for (std::size_t j = 0; j < n_out; j++) to[j] += from[i] * W[i * n_out + j];
  for (std::size_t j = 0; j < n_out; j++) to[j] = activate(net.activations[l], to[j]);
  if (net.activations[l] == Activation::softmax) softmax(to, n_out);
  return has_bias ? bias_row + n_out : bias_row;
}

// The output v_d (n_d,) of one input x (n_0,). `workspace` has workspace_size(net) numbers (null if that is 0); no
// array may overlap another.
template <class T>
void forward(const Network<T>& net, const T* x, T* workspace, T* output) {
  const std::size_t half = workspace_size(net) / 2;
  const T *W = net.theta, *from = x;
  for (std::size_t l = 0; l < net.depth; l++) {
    T* to = l + 1 == net.depth ? output : workspace + (l % 2) * half;
    W = layer_forward(net, l, W, from, to);
    from = to;
  }
}

}  // namespace portable
}  // namespace descend
