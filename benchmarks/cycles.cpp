// What the parts of the kernels cost on this processor, in cycles of its clock: the figures of limits.md. x86-64, GCC
// or Clang; the engine's own types, so that flags choose the width of a register:
//
//   g++ -std=c++17 -O3 -mavx2 -mfma -mavx512f -mavx512vl -mavx512dq -mavx512bw -Wno-psabi -ffp-contract=off \
//       -I src/descend/engine benchmarks/cycles.cpp -o cycles && ./cycles          (without -mavx512*: AVX2)
//
// Minima of many short repeats. The clock is found by additions that wait for each other, one a cycle.
#include <x86intrin.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

#include "numbers/fold.hpp"
#include "numbers/transpose.hpp"
#include "numbers/vec.hpp"

namespace descend {
namespace {

using V = Lanes<F32>;
constexpr int REPEATS = 4000;

double ticks_a_cycle = 1;

// Least cycles of f() by `count`.
template <class F>
double cycles(double count, const F& f) {
  unsigned long long least = ~0ull;
  for (int k = 0; k < REPEATS; k++) {
    _mm_lfence();  // the clock is read when all before it is done
    const unsigned long long start = __rdtsc();
    f();
    _mm_lfence();
    const unsigned long long took = __rdtsc() - start;
    least = took < least ? took : least;
  }
  return static_cast<double>(least) / count / ticks_a_cycle;
}

// The compiler may not know what is in x.
INLINE void hide(V& x) { EACH_PIECE(asm volatile("" : "+x"(x.p[k]))) }

void measure_clock() {
  ticks_a_cycle = cycles(4000, [] {
    unsigned long x = 1;
    for (int k = 0; k < 1000; k++) asm volatile("add $1, %0\n\tadd $1, %0\n\tadd $1, %0\n\tadd $1, %0" : "+r"(x));
  });
}

// ---------------------------------------------------------------- in registers

void measure_registers() {
  constexpr int SUMS = PIECES == 1 ? 12 : 6, TURNS = 400;
  V x = V::all(0);
  hide(x);
  const double rate = cycles(TURNS * SUMS, [&] {
    V a[SUMS];
    for (V& one : a) one = x;
    for (int k = 0; k < TURNS; k++)
      for (V& one : a) one = fma(x, x, one), hide(one);
  });
  const double wait = cycles(TURNS, [&] {
    V a = x;
    for (int k = 0; k < TURNS; k++) a = fma(x, x, a), hide(a);
  });
  const double folded = cycles(TURNS, [&] {
    V a = x;
    for (int k = 0; k < TURNS; k++) a = V::all(fold(a)), hide(a);
  });
  const double turned = cycles(TURNS, [&] {
    constexpr int SIZE = WIDTH / 4;
    F32::Piece rows[SIZE];
    for (F32::Piece& one : rows) one = x.p[0];
    for (int k = 0; k < TURNS; k++) {
      turn<1, SIZE, F32>(rows);
      for (F32::Piece& one : rows) asm volatile("" : "+x"(one));
    }
  });
  std::printf("fma, 64 bytes                 %.2f, a chain of them %.2f each\n", rate, wait);
  std::printf("fold of 64 bytes, to all      %.1f, if it is waited for\n", folded);
  std::printf("%2d x %-2d turned in registers   %.1f\n", WIDTH / 4, WIDTH / 4, turned);
}

// ---------------------------------------------------------------- 64 bytes of memory

enum Use { READ, WRITE, STEP_ONLY, STEP_AND_SUM };

// Lines 0 ... lines - 1, `turns` times: a += w;  w = 0;  w += x x;  or w += x x, a += w x.
template <Use USE>
double pass(float* at, int lines) {
  const int turns = lines < 512 ? 512 / lines : 1;
  V x = V::all(0);
  hide(x);
  return cycles(turns * lines, [&] {
    V a[4] = {x, x, x, x};
    for (int turn = 0; turn < turns; turn++)
      for (int i = 0; i < lines; i += 4)
#pragma GCC unroll 4
        for (int k = 0; k < 4; k++) {
          float* const line = at + (i + k) * V::COUNT;
          V w = USE == WRITE ? x : V::load(line);
          if (USE == STEP_ONLY || USE == STEP_AND_SUM) w = fma(x, x, w);
          if (USE != READ) w.store(line);
          if (USE == READ || USE == STEP_AND_SUM) a[k] = fma(w, x, a[k]);
        }
    for (V& one : a) hide(one);
  });
}

void measure_memory() {
  constexpr size_t BYTES = 8 << 20;
  float* const at = static_cast<float*>(std::aligned_alloc(1 << 21, BYTES));
  std::memset(at, 0, BYTES);
  std::printf("64 bytes of memory            read + fma   write   step   step + fma\n");
  for (const int kilobytes : {4, 16, 512, 8192}) {
    const int lines = kilobytes * 16;
    std::printf("  %5d KB                    %8.2f %9.2f %6.2f %9.2f\n", kilobytes, pass<READ>(at, lines),
                pass<WRITE>(at, lines), pass<STEP_ONLY>(at, lines), pass<STEP_AND_SUM>(at, lines));
  }
  std::free(at);
}

}  // namespace
}  // namespace descend

int main() {
  using namespace descend;
  measure_clock();
  std::printf("registers of %d bytes; cycles of the clock\n", WIDTH);
  measure_registers();
  measure_memory();
}
