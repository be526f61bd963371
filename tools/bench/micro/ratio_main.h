#ifndef RONDO_TOOLS_BENCH_MICRO_RATIO_MAIN_H_
#define RONDO_TOOLS_BENCH_MICRO_RATIO_MAIN_H_

namespace rondo::bench {

// Runs the benchmarks as BENCHMARK_MAIN() does, but unless told otherwise by
// the usual flags (--help) nine times each, in random order. Then prints for
// each group, that is, for benchmarks named "group/rondo", "group/other", …,
// Rondo's time as a ratio to each other's: of medians and of minima over the
// repetitions, and of the medians of CPU time (the benchmark's thread's, or all
// threads' if it asks for MeasureProcessCPUTime()). On a shared machine the
// ratios hold where the times do not.
int RatioMain(int argc, char** argv);

}  // namespace rondo::bench

#endif  // RONDO_TOOLS_BENCH_MICRO_RATIO_MAIN_H_
