#ifndef RONDO_TESTS_SOAK_FLOOD_PROCESS_H_
#define RONDO_TESTS_SOAK_FLOOD_PROCESS_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "tests/examples/process.h"

namespace rondo {

// flood_server, running, and what it uses.
//
// Threading: Stop() goes last; the rest is Thread-safe.
class FloodProcess {
 public:
  struct Options {
    size_t flood_bytes;
    size_t high_water_mark_bytes;
    size_t max_output_bytes;
    bool heedless = false;
  };

  explicit FloodProcess(const Options& options);

  pid_t pid() const { return process_.pid(); }
  uint16_t port() const { return port_; }

  // Of its resident memory: when it had no connection yet, and at the most.
  size_t first_resident_bytes() const { return first_resident_bytes_; }
  size_t PeakResidentBytes() const;

  // By its descriptors.
  size_t OpenConnections() const;

  // Ends it. How many connections it closed for what waited in them.
  int Stop();

 private:
  Process process_;
  uint16_t port_ = 0;
  size_t first_resident_bytes_ = 0;
  size_t first_descriptors_ = 0;
};

}  // namespace rondo

#endif  // RONDO_TESTS_SOAK_FLOOD_PROCESS_H_
