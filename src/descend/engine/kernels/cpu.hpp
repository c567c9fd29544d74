// What the processor and the operating system offer, and how the worker's floating-point unit is set.
#pragma once

namespace descend {

bool cpu_has_avx2();
bool cpu_has_avx512();
bool always();

// Processors that this process may use: its affinity, and its cgroup's quota rounded up, as `machine.py` says.
int processors();

// Flushes denormals (FTZ, DAZ) in this thread while it lives, and gives the setting back.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned long long before_;
};

}  // namespace descend
