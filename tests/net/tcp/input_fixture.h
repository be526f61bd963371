#ifndef RONDO_TESTS_NET_TCP_INPUT_FIXTURE_H_
#define RONDO_TESTS_NET_TCP_INPUT_FIXTURE_H_

#include <string>
#include <vector>

#include "net/tcp/buffer.h"
#include "tests/net/tcp/connection_fixture.h"

namespace rondo {

// Handlers that leave what they cannot use yet.
class InputFixture : public ConnectionFixture {
 protected:
  // Has the handler take whole lines and leave the rest.
  void TakeLines() {
    on_message_ = [this](TcpConnection&, Buffer& input) {
      while (const auto length = input.FindCrlf()) {
        lines_.push_back(input.Take(*length));
        input.Consume(2);
      }
    };
  }

  // Has the handler leave everything.
  void TakeNothing() {
    on_message_ = [](TcpConnection&, Buffer&) {};
  }

  std::vector<std::string> lines_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_INPUT_FIXTURE_H_
