// What one core can do: fused multiply-adds, divisions with square roots, bytes read, bytes read and written back.
//
// Compiled when the benchmark runs, with this machine's compiler and all that its processor has (`peaks.py`). Each
// function does a known amount of work and returns it; the caller holds the watch. Vectors are as wide as registers.
#include <cstddef>

#if defined(__AVX512F__)
constexpr std::size_t bytes_of_vector = 64;
#elif defined(__AVX__)
constexpr std::size_t bytes_of_vector = 32;
#else
constexpr std::size_t bytes_of_vector = 16;
#endif
constexpr long lanes = bytes_of_vector / sizeof(float);
typedef float Vector __attribute__((vector_size(bytes_of_vector)));

namespace {

Vector all(float value) { return Vector{} + value; }

Vector square_root(const Vector& value) {
    Vector root;
    for (long k = 0; k < lanes; ++k) root[k] = __builtin_sqrtf(value[k]);
    return root;
}

// The compiler must believe that the value is used, and that it may have changed.
void keep(Vector& value) { __asm__ volatile("" : "+x"(value)); }

// Memory must be taken for changed, so that no round is merged with another.
void begin_round() { __asm__ volatile("" : : : "memory"); }

}  // namespace

extern "C" {

int vector_bytes() { return int(bytes_of_vector); }

// What all registers for vectors hold.
int register_bytes() {
#if defined(__AVX512F__) || defined(__aarch64__)
    return 32 * int(bytes_of_vector);
#else
    return 16 * int(bytes_of_vector);
#endif
}

// Twelve chains of multiply-adds that do not wait for each other: more than latency × units on any processor.
// Returns operations, two for each multiply-add and lane.
double multiply_adds(long rounds) {
    constexpr int chains = 12;
    Vector a[chains], factor = all(0.999999f), addend = all(1e-6f);
    for (int k = 0; k < chains; ++k) a[k] = all(1.0f + 0.01f * k);
    keep(factor);
    keep(addend);
    for (long round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
        for (int k = 0; k < chains; ++k) a[k] = a[k] * factor + addend;
    }
    for (int k = 0; k < chains; ++k) keep(a[k]);
    return 2.0 * rounds * chains * lanes;
}

// One division and one square root for each number, eight vectors at a time. Returns numbers.
double quotients(long rounds) {
    constexpr int chains = 8;
    Vector a[chains], b[chains];
    for (int k = 0; k < chains; ++k) {
        a[k] = all(1.0f + 0.01f * k);
        b[k] = all(2.0f + 0.01f * k);
    }
    for (long round = 0; round < rounds; ++round) {
#pragma GCC unroll 8
        for (int k = 0; k < chains; ++k) {
            keep(a[k]);
            keep(b[k]);
            Vector root = square_root(b[k]);
            Vector quotient = a[k] / root;
            keep(quotient);
        }
    }
    return 1.0 * rounds * chains * lanes;
}

// Reads `count` vectors again and again. Returns bytes.
double reads(const Vector* from, long count, long rounds) {
    Vector a[8] = {};
    for (long round = 0; round < rounds; ++round) {
        begin_round();
        for (long at = 0; at + 8 <= count; at += 8) {
#pragma GCC unroll 8
            for (int k = 0; k < 8; ++k) a[k] += from[at + k];
        }
        for (int k = 0; k < 8; ++k) keep(a[k]);
    }
    return 1.0 * rounds * (count / 8 * 8) * bytes_of_vector;
}

// Reads `count` vectors and writes them back, changed. Returns bytes, those read and those written.
double updates(Vector* place, long count, long rounds) {
    Vector factor = all(0.999999f);
    keep(factor);
    for (long round = 0; round < rounds; ++round) {
        begin_round();
        for (long at = 0; at + 8 <= count; at += 8) {
#pragma GCC unroll 8
            for (int k = 0; k < 8; ++k) place[at + k] *= factor;
        }
    }
    return 2.0 * rounds * (count / 8 * 8) * bytes_of_vector;
}
}
