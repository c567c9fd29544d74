// Tells callgrind where counting begins and ends; without valgrind around it, nothing happens.
#include <valgrind/callgrind.h>

extern "C" {

void begin() {
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
}

void end(const char* name) {
    CALLGRIND_DUMP_STATS_AT(name);
    CALLGRIND_STOP_INSTRUMENTATION;
}
}
