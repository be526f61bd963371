#include "tools/bench/micro/ratio_main.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace rondo::bench {
namespace {

// The usual console output, and the times kept for the ratios.
class RatioReporter final : public benchmark::ConsoleReporter {
 public:
  RatioReporter() : ConsoleReporter(OO_Tabular) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
      const std::string& name = run.run_name.function_name;
      const size_t slash = name.rfind('/');
      if (slash == std::string::npos) continue;
      Times& times = times_[name.substr(0, slash)][name.substr(slash + 1)];
      times.real.push_back(run.GetAdjustedRealTime());
      times.cpu.push_back(run.GetAdjustedCPUTime());
    }
    ConsoleReporter::ReportRuns(runs);
  }

  void PrintRatios() const {
    std::printf("\n%-44s %8s %8s %8s\n", "Rondo's time as a ratio", "medians",
                "minima", "CPU");
    for (const auto& [group, contenders] : times_) {
      const auto rondo = contenders.find("rondo");
      if (rondo == contenders.end()) continue;
      for (const auto& [name, times] : contenders) {
        if (name == "rondo") continue;
        const Times& ours = rondo->second;
        std::printf("%-44s %8.2f %8.2f %8.2f\n",
                    (group + " to " + name).c_str(),
                    Median(ours.real) / Median(times.real),
                    Minimum(ours.real) / Minimum(times.real),
                    Median(ours.cpu) / Median(times.cpu));
      }
    }
  }

 private:
  struct Times {
    std::vector<double> real;
    std::vector<double> cpu;
  };

  static double Median(std::vector<double> times) {
    std::nth_element(times.begin(), times.begin() + times.size() / 2,
                     times.end());
    return times[times.size() / 2];
  }
  static double Minimum(const std::vector<double>& times) {
    return *std::min_element(times.begin(), times.end());
  }

  std::map<std::string, std::map<std::string, Times>> times_;
};

char repetitions[] = "--benchmark_repetitions=9";
char interleaving[] = "--benchmark_enable_random_interleaving=true";

// Ours come first, so that the user's win.
std::vector<char*> WithDefaults(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  arguments.insert(arguments.begin() + 1, {repetitions, interleaving});
  return arguments;
}

}  // namespace

int RatioMain(int argc, char** argv) {
  std::vector<char*> arguments = WithDefaults(argc, argv);
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) {
    return 1;
  }
  RatioReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
  reporter.PrintRatios();
  return 0;
}

}  // namespace rondo::bench
