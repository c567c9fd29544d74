// cpuid, the registers that the operating system keeps, the processors that it gives, and the denormal flags.
#include "kernels/cpu.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#endif

#if defined(__x86_64__) || defined(_M_X64)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace descend {

bool always() { return true; }

namespace {

// Of this process; 0 where the system does not tell.
int affinity() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return 0;
}

// Processors' worth of time that the cgroup is given; 0: no limit.
int quota() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  long long given = 0, period = 0;
  return file >> given >> period && period > 0 ? static_cast<int>((given + period - 1) / period) : 0;
}

}  // namespace

int processors() {
  static const int limit = quota();
  const int known = affinity(), all = known > 0 ? known : static_cast<int>(std::thread::hardware_concurrency());
  return std::max(1, limit > 0 ? std::min(all, limit) : all);
}

#if defined(__x86_64__) || defined(_M_X64)

namespace {

struct Features {
  unsigned leaf_1_c, leaf_7_b;
  unsigned long long kept;  // XCR0: register states that the operating system saves
};

Features features() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  Features f{0, 0, 0};
  if (!__get_cpuid(1, &a, &b, &c, &d)) return f;
  f.leaf_1_c = c;
  if (!(c & (1u << 27))) return f;  // OSXSAVE
  unsigned low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  f.kept = (static_cast<unsigned long long>(high) << 32) | low;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) f.leaf_7_b = b;
  return f;
}

bool has(unsigned word, unsigned bits) { return (word & bits) == bits; }

constexpr unsigned FMA = 1u << 12, AVX = 1u << 28, AVX2 = 1u << 5;
constexpr unsigned AVX512_F_DQ_BW_VL = (1u << 16) | (1u << 17) | (1u << 30) | (1u << 31);
constexpr unsigned YMM = 0x6, ZMM = 0xE6;

}  // namespace

bool cpu_has_avx2() {
  const Features f = features();
  return has(f.leaf_1_c, FMA | AVX) && has(f.leaf_7_b, AVX2) && (f.kept & YMM) == YMM;
}

bool cpu_has_avx512() {
  const Features f = features();
  return cpu_has_avx2() && has(f.leaf_7_b, AVX512_F_DQ_BW_VL) && (f.kept & ZMM) == ZMM;
}

FlushDenormals::FlushDenormals() : before_(_mm_getcsr()) {
  constexpr unsigned FTZ = 1u << 15, DAZ = 1u << 6;
  _mm_setcsr(static_cast<unsigned>(before_) | FTZ | DAZ);
}
FlushDenormals::~FlushDenormals() { _mm_setcsr(static_cast<unsigned>(before_)); }

#elif defined(__aarch64__)

bool cpu_has_avx2() { return false; }
bool cpu_has_avx512() { return false; }

FlushDenormals::FlushDenormals() : before_(0) {
  __asm__ volatile("mrs %0, fpcr" : "=r"(before_));
  constexpr unsigned long long FZ = 1ull << 24;
  __asm__ volatile("msr fpcr, %0" : : "r"(before_ | FZ));
}
FlushDenormals::~FlushDenormals() { __asm__ volatile("msr fpcr, %0" : : "r"(before_)); }

#else

bool cpu_has_avx2() { return false; }
bool cpu_has_avx512() { return false; }
FlushDenormals::FlushDenormals() : before_(0) {}
FlushDenormals::~FlushDenormals() { (void)before_; }

#endif

}  // namespace descend
