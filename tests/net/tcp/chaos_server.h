#ifndef RONDO_TESTS_NET_TCP_CHAOS_SERVER_H_
#define RONDO_TESTS_NET_TCP_CHAOS_SERVER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "base/thread_pool.h"
#include "net/tcp/close_reason.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/tcp_connection.h"
#include "tests/net/tcp/chaos_plan.h"

namespace rondo {

// The application of a scenario: it echoes as the plan wants, checks what comes
// and when it is called, and writes down how each connection goes.
//
// Threading: callbacks on the connections' loops; records() once gone().
class ChaosServer {
 public:
  struct Record {
    int connects = 0;
    int closes = 0;
    int drains = 0;
    size_t taken = 0;    // bytes of input that the handler took
    bool ended = false;  // by the plan's ServerEnd, or for a drain
    CloseReason reason = CloseReason::kPeerClosed;
    uint64_t bytes_received = 0;
    uint64_t bytes_sent = 0;
    size_t unsent = 0;
  };

  // `at_event` is called by the callback with the plan's number, if the plan
  // says that a callback stops the server.
  ChaosServer(const ChaosPlan& plan, std::vector<uint16_t> ports,
              absl::AnyInvocable<void()> at_event);

  // For one TcpServer. They count as gone once nobody has them any more.
  ConnectionCallbacks Callbacks();
  bool gone() const { return gone_; }

  uint64_t events() const { return events_; }
  // From here on a callback is a failure.
  void ExpectNoMoreEvents() { expects_none_ = true; }
  const std::vector<Record>& records() const { return records_; }

 private:
  struct Session;

  // Every callback begins with it.
  Session* Enter(TcpConnection& c);
  void Connected(TcpConnection& c);
  void Message(TcpConnection& c, Buffer& input);
  void HalfClosed(TcpConnection& c);
  void Closed(TcpConnection& c, CloseReason reason);
  void Draining(TcpConnection& c);

  size_t HowMuch(Session& session, size_t available);
  void Check(const Session& session, std::string_view bytes) const;
  void Answer(TcpConnection& c, Session& session, std::string bytes);
  void SendSomehow(TcpConnection& c, Session& session, std::string bytes);
  void Pause(TcpConnection& c, Session& session);
  // Something that was owed is done.
  void Settled(TcpConnection* c);
  void EndIfPlanned(TcpConnection& c, Session& session);
  void EndIfAnswered(TcpConnection& c, Session& session, size_t left);

  const ChaosPlan& plan_;
  std::map<uint16_t, size_t> clients_;  // by port
  std::vector<Record> records_;         // each its connection's loop's
  absl::AnyInvocable<void()> at_event_;
  std::atomic<uint64_t> events_{0};
  std::atomic<bool> expects_none_{false};
  std::atomic<bool> gone_{false};
  // Last: its threads end before what they use.
  std::unique_ptr<ThreadPool> pool_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_CHAOS_SERVER_H_
