#include "load.h"

#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t))
        fail("the clock %d cannot be read; has the server ended?", (int)clock);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* What /proc/PID/stat tells as utime + stime, but in nanoseconds instead of ticks of 10 ms. */
double cpu_of(int pid)
{
    clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
    if (pid && clock_getcpuclockid(pid, &clock))
        fail("there is no process %d to measure", pid);
    return seconds(clock);
}
