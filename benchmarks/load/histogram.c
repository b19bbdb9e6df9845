/* Latencies in buckets whose width is at most 1/128 of their value. */
#include "load.h"

#include <stdio.h>

enum { SUB = 128, BUCKETS = 40 * SUB };

static uint64_t buckets[BUCKETS], count, largest;
static double sum;

static unsigned bucket_of(uint64_t ns)
{
    if (ns < 2 * SUB)
        return (unsigned)ns;
    unsigned shift = 63 - (unsigned)__builtin_clzll(ns) - 7;
    unsigned bucket = (shift + 1) * SUB + (unsigned)(ns >> shift) - SUB;
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static uint64_t middle_of(unsigned bucket)
{
    if (bucket < 2 * SUB)
        return bucket;
    unsigned shift = bucket / SUB - 1;
    return ((uint64_t)(bucket % SUB + SUB) << shift) + (1ull << shift) / 2;
}

void record_latency(uint64_t ns)
{
    buckets[bucket_of(ns)]++;
    count++;
    sum += (double)ns;
    if (ns > largest)
        largest = ns;
}

static double quantile(double share)
{
    uint64_t rank = (uint64_t)(share * (double)count), passed = 0;
    for (unsigned i = 0; i < BUCKETS; i++) {
        passed += buckets[i];
        if (passed > rank)
            return (double)middle_of(i) / 1e6;
    }
    return (double)largest / 1e6;
}

/* Milliseconds. */
void print_latencies(void)
{
    printf("\"samples\":%llu", (unsigned long long)count);
    if (count)
        printf(",\"mean\":%.6f,\"p50\":%.6f,\"p99\":%.6f,\"p999\":%.6f,\"max\":%.6f",
               sum / (double)count / 1e6, quantile(0.5), quantile(0.99), quantile(0.999),
               (double)largest / 1e6);
}
