// How a team shares a room: rows of a chunk are dealt on the way up and down, strips of the weights for gradients and
// steps. A chain of additions lies within one of them, so it does not matter who computes which.
//
// A member's rows are a room too: the same weights, and the layers from a row on.
#pragma once

#include "batch/backward.hpp"
#include "batch/room.hpp"
#include "contract/regime.hpp"
#include "contract/team.hpp"
#include "numbers/transpose.hpp"

namespace descend {
namespace {

// f(task, member) for tasks 0 ... tasks - 1.
template <class F>
void by_team(const Team& team, int64_t tasks, const F& f) {
  const auto call = [](void* context, int64_t task, int member) { (*static_cast<const F*>(context))(task, member); };
  team.run(team.self, call, const_cast<F*>(&f), tasks);
}

// ---------------------------------------------------------------- rows

struct Rows {
  int64_t first, count;
};

// Each member has about as many rows as the others, in up to three pieces, of which the last ones are small: who comes
// late leaves those to the others, and who is early has all weights come through its cache seldom.
struct DealtRows {
  static constexpr int64_t MOST_PIECES = 3, LEAST = 2;  // of blocks of ROWS_DEALT rows
  int64_t rows, members, pieces;

  DealtRows(int64_t rows, int64_t members) : rows(rows), members(members), pieces(1) {
    for (int64_t each = blocks() / members; pieces < MOST_PIECES && each >= 2 * LEAST; each /= 2) pieces++;
  }
  int64_t blocks() const { return (rows + ROWS_DEALT - 1) / ROWS_DEALT; }
  int64_t tasks() const { return members * pieces; }

  // Those of one task; perhaps none.
  Rows of(int64_t task) const {
    const int64_t member = task / pieces, last_piece = pieces - 1;
    int64_t from = blocks() * member / members, to = blocks() * (member + 1) / members;
    for (int64_t k = 0; k < last_piece; k++) {
      const int64_t half = from + (to - from + 1) / 2;
      if (k == task % pieces) {
        to = half;
        break;
      }
      from = half;
    }
    const int64_t first = from * ROWS_DEALT, end = to * ROWS_DEALT < rows ? to * ROWS_DEALT : rows;
    return {first, end - first};
  }
};

// A layer from row `first` on.
template <class T>
Nodes<T> nodes_from(Nodes<T> nodes, int64_t first) {
  const int64_t s_step = nodes.turned ? 1 : nodes.s_stride, v_step = nodes.turned ? 1 : nodes.v_stride;
  nodes.s += first * s_step, nodes.v += first * v_step, nodes.delta += first * s_step;
  if (nodes.mask) nodes.mask += first * s_step, nodes.whole += first * s_step;
  return nodes;
}

// The room from row `first` on, with the member's corner. Small networks have no team, so it is never shallow.
template <class T>
Room<T> room_from(const Room<T>& room, int64_t first, int member) {
  const Corner<T>& corner = room.corners[member];
  const Nodes<T>&in = room.nodes[0], &out = room.nodes[room.depth];
  Room<T> part = room;
  for (int64_t l = 0; l <= room.depth; l++) corner.nodes[l] = nodes_from(room.nodes[l], first);
  part.nodes = corner.nodes, part.terms = corner.terms, part.block = corner.block, part.shallow = false;
  if (room.scaled) part.scaled += first * in.s_stride;
  part.dropping.first += first;
  part.y += first * (out.turned ? 1 : out.s_stride);
  T** const each[] = {&part.loss, &part.weight, &part.sum, &part.top, &part.log_sum, &part.last_hidden};
  for (T** one : each) *one += first;
  return part;
}

// f(room, first, count) for all rows of a chunk: at once, or dealt to the team if it has more members than one.
template <class T, class F>
void each_row(const Team* team, const Room<T>& room, int64_t rows, const F& f) {
  const int members = members_of(team);
  if (members == 1) return f(room, 0, rows);
  const DealtRows dealt(rows, members);
  by_team(*team, dealt.tasks(), [&](int64_t task, int member) {
    const Rows mine = dealt.of(task);
    if (mine.count > 0) f(room_from(room, mine.first, member), mine.first, mine.count);
  });
}

// ---------------------------------------------------------------- strips of weights

// Rows first ... first + count - 1 of packed W_l.
struct Strip {
  int64_t layer, first, count;
};

// Of layer l; that of inputs by index is dealt otherwise (batch/coded_layer.hpp).
template <class T>
int64_t strips_of(const Room<T>& room, int64_t l) {
  if (l == 0 && room.coded.fields > 0) return 0;
  const Weights<T>& w = room.weights[l];
  return (w.packed_rows() + w.strip_rows() - 1) / w.strip_rows();
}

// f(strip, number of the task, of how many, member) for the strips of all layers, and before them
// other(number of the task, of how many, member) for `others` tasks.
template <class T, class F, class Other>
void each_strip_after(const Team& team, const Room<T>& room, const F& f, int64_t others, const Other& other) {
  int64_t all = others;
  for (int64_t l = 0; l < room.depth; l++) all += strips_of(room, l);
  by_team(team, all, [&](int64_t task, int member) {
    if (task < others) return other(task, all, member);
    int64_t l = 0, k = task - others;
    for (; k >= strips_of(room, l); l++) k -= strips_of(room, l);
    const Weights<T>& w = room.weights[l];
    const int64_t first = k * w.strip_rows(), left = w.packed_rows() - first;
    f(Strip{l, first, left < w.strip_rows() ? left : w.strip_rows()}, task, all, member);
  });
}

template <class T, class F>
void each_strip(const Team& team, const Room<T>& room, const F& f) {
  each_strip_after(team, room, f, 0, [](int64_t, int64_t, int) {});
}

// What transpose_weights does, for one strip, whose rows are at `from`.
template <class T>
void transpose_strip(const Weights<T>& w, const Strip& strip, const T* from) {
  const int64_t end = strip.first + strip.count, last = end < w.n_in ? end : w.n_in, rows = last - strip.first;
  if (strip.layer == 0 || w.turned || rows <= 0) return;
  transpose(from, w.stride, rows, w.n_out, w.transposed + strip.first, w.transposed_stride,
            last == w.n_in ? w.transposed_stride - strip.first : rows);
}

// New rows of a strip into their place, and into the transpose.
template <class T>
void put_strip(const Weights<T>& w, const Strip& strip, const T* from) {
  using V = typename LanesOf<T>::V;
  T* to = w.W + strip.first * w.stride;
  for (int64_t k = 0; k < strip.count * w.stride; k += V::COUNT) V::load(from + k).store(to + k);
  transpose_strip(w, strip, from);
}

}  // namespace
}  // namespace descend
