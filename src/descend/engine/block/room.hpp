// Memory of a block of rounds: its inputs, their products with each other and with W_0, and what came back for each.
#pragma once

#include "block/coefficients.hpp"
#include "contract/regime.hpp"
#include "single/room.hpp"

namespace descend {
namespace {

template <class T>
struct BlockRoom {
  SingleRoom<T> single;
  int64_t length, x_stride, gram_stride, stride;  // of rows of X, of gram, of sums and d
  T *X, *sums, *velocity_sums, *gram, *d, *scaled_d;
  double* etas;
  BlockCoefficients<T> weights, biases;  // no memory where is_plain_block
};

template <class T>
BlockRoom<T> lay_out_block(const Plan& plan, Place& place) {
  BlockRoom<T> room{};
  room.length = block_length(plan);
  room.x_stride = padded<T>(plan.network.n_0), room.gram_stride = padded<T>(room.length);
  room.stride = padded<T>(plan.network.layers[0].n_out);
  const int64_t rows = (room.length + LINE<T> - 1) / LINE<T> * LINE<T>;
  room.X = place.take<T>(rows * room.x_stride);
  room.gram = place.take<T>(rows * room.gram_stride);
  T** const parts[] = {&room.sums, &room.velocity_sums, &room.d, &room.scaled_d};
  for (T** part : parts) *part = place.take<T>(room.length * room.stride);
  room.etas = place.take<double>(room.length);
  const int64_t count = is_plain_block(plan) ? 0 : BlockCoefficients<T>::count(room.length);
  room.weights = {room.length, place.take<T>(count)};
  room.biases = {room.length, place.take<T>(count)};
  return room;
}

template <class T>
size_t block_workspace(const Plan& plan) {
  return single_workspace<T>(plan) + measured([&](Place& place) { lay_out_block<T>(plan, place); });
}

template <class T>
BlockRoom<T> make_block_room(const Plan& plan, void* block) {
  void* const rest = static_cast<char*>(block) + single_workspace<T>(plan);
  BlockRoom<T> room = placed(rest, [&](Place& place) { return lay_out_block<T>(plan, place); });
  room.single = make_single_room<T>(plan, block);
  return room;
}

}  // namespace
}  // namespace descend
