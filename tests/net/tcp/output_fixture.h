#ifndef RONDO_TESTS_NET_TCP_OUTPUT_FIXTURE_H_
#define RONDO_TESTS_NET_TCP_OUTPUT_FIXTURE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/net/tcp/connection_fixture.h"

namespace rondo {

// Peers that read what is much.
class OutputFixture : public ConnectionFixture {
 protected:
  // More than a socket takes at once.
  static constexpr size_t kMuchBytes = 4 << 20;
  static constexpr int kTurnsForMuch = 400;

  // Runs `first`, then reads what comes for so many turns that all must come.
  std::string RunAndRead(const Opened& opened, Step first) {
    std::string received;
    std::vector<Step> steps;
    steps.push_back(std::move(first));
    for (int i = 0; i < kTurnsForMuch; ++i) {
      steps.push_back([&] { received += ReadAll(opened.peer); });
    }
    RunSteps(loop_, std::move(steps));
    return received;
  }

  static std::shared_ptr<const std::string> Shared(size_t bytes, char c) {
    return std::make_shared<const std::string>(bytes, c);
  }
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_OUTPUT_FIXTURE_H_
