#include "tests/net/tcp/chaos_server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "net/tcp/offload.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

constexpr size_t kMaxQueuedTasks = 1'000'000;  // nothing is turned away

}  // namespace

// What the application keeps with a connection.
struct ChaosServer::Session {
  Session(const ChaosClientPlan& client, Record& its_record)
      : plan(client), record(its_record), random(client.salt + 1) {}

  const ChaosClientPlan& plan;
  Record& record;
  ChaosRandom random;
  size_t owed = 0;  // answers and pauses that are under way
  bool half_closed = false;
  bool above_high_water = false;
};

ChaosServer::ChaosServer(const ChaosPlan& plan, std::vector<uint16_t> ports,
                         absl::AnyInvocable<void()> at_event)
    : plan_(plan), records_(ports.size()), at_event_(std::move(at_event)) {
  for (size_t i = 0; i < ports.size(); ++i) clients_[ports[i]] = i;
  // More than one would answer out of order.
  pool_ = NewPool({.threads = 1, .max_queued_tasks = kMaxQueuedTasks});
}

ConnectionCallbacks ChaosServer::Callbacks() {
  return {
      .on_connect = [this, held = OnDestroy([this] { gone_ = true; })](
                        TcpConnection& c) { Connected(c); },
      .on_message = [this](TcpConnection& c,
                           Buffer& input) { Message(c, input); },
      .on_write_complete = [this](TcpConnection& c) { Enter(c); },
      .on_high_water =
          [this](TcpConnection& c) {
            bool& above = Enter(c)->above_high_water;
            EXPECT_FALSE(std::exchange(above, true));
          },
      .on_low_water =
          [this](TcpConnection& c) {
            bool& above = Enter(c)->above_high_water;
            EXPECT_TRUE(std::exchange(above, false));
          },
      .on_half_close = [this](TcpConnection& c) { HalfClosed(c); },
      .on_drain = [this](TcpConnection& c) { Draining(c); },
      .on_timeout =
          [this](TcpConnection& c, CloseReason reason) {
            Enter(c);
            ADD_FAILURE() << "timed out: " << ToString(reason);
          },
      .on_close = [this](TcpConnection& c,
                         CloseReason reason) { Closed(c, reason); },
  };
}

ChaosServer::Session* ChaosServer::Enter(TcpConnection& c) {
  EXPECT_FALSE(expects_none_) << "a callback after the server's end";
  Session* const session = c.context<Session>();
  EXPECT_NE(session, nullptr) << "a callback before on_connect";
  EXPECT_EQ(session->record.closes, 0) << "a callback after on_close";
  const bool now = ++events_ == plan_.stop_at_event;
  if (now && at_event_) at_event_();
  return session;
}

void ChaosServer::Connected(TcpConnection& c) {
  const size_t client = clients_.at(c.peer_address().port());
  Record& record = records_[client];
  EXPECT_EQ(record.connects++, 0);
  Session& session = c.EmplaceContext<Session>(plan_.clients[client], record);
  Enter(c);
  EndIfPlanned(c, session);
}

void ChaosServer::Message(TcpConnection& c, Buffer& input) {
  Session& session = *Enter(c);
  EXPECT_FALSE(input.empty());
  EXPECT_TRUE(c.reading());
  if (session.record.ended) return input.Clear();
  std::string bytes = input.Take(HowMuch(session, input.readable_bytes()));
  Check(session, bytes);
  session.record.taken += bytes.size();
  if (!bytes.empty()) Answer(c, session, std::move(bytes));
  const bool leaves = !input.empty() && plan_.take == ChaosPlan::Take::kSome;
  EndIfPlanned(c, session);
  if (session.record.ended) return input.Clear();
  if (leaves || session.random.Percent(plan_.percent_pausing)) {
    Pause(c, session);
  }
  EndIfAnswered(c, session, input.readable_bytes());
}

size_t ChaosServer::HowMuch(Session& session, size_t available) {
  switch (plan_.take) {
    case ChaosPlan::Take::kAll:
      break;
    case ChaosPlan::Take::kUnits:
      available -= available % plan_.unit;
      break;
    case ChaosPlan::Take::kSome:
      available = session.random.From(available / 4, available);
  }
  if (session.plan.server_end == ChaosClientPlan::ServerEnd::kNever) {
    return available;
  }
  return std::min(available, session.plan.server_end_at - session.record.taken);
}

void ChaosServer::Check(const Session& session, std::string_view bytes) const {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char expected = session.plan.ByteAt(session.record.taken + i);
    if (bytes[i] == expected) continue;
    ADD_FAILURE() << "byte " << session.record.taken + i << " of "
                  << session.plan.total << " came as " << int{bytes[i]};
    return;
  }
}

void ChaosServer::Answer(TcpConnection& c, Session& session,
                         std::string bytes) {
  switch (plan_.reply) {
    case ChaosPlan::Reply::kInline:
      return SendSomehow(c, session, std::move(bytes));
    case ChaosPlan::Reply::kHandle:
      ++session.owed;
      EXPECT_EQ(pool_->Submit([this, handle = c.handle(), hold = c.Hold(),
                               bytes = std::move(bytes)]() mutable {
        (void)handle.Send(std::move(bytes));
        (void)handle.Run([this](TcpConnection* conn) { Settled(conn); });
      }),
                ThreadPool::SubmitResult::kAccepted);
      return;
    case ChaosPlan::Reply::kOffload:
      ++session.owed;
      EXPECT_EQ(Offload(
                    *pool_, c, [bytes = std::move(bytes)] { return bytes; },
                    [this](TcpConnection* conn, std::string result) {
                      if (conn == nullptr) return;
                      SendSomehow(*conn, *conn->context<Session>(),
                                  std::move(result));
                      Settled(conn);
                    }),
                ThreadPool::SubmitResult::kAccepted);
  }
}

void ChaosServer::SendSomehow(TcpConnection& c, Session& session,
                              std::string bytes) {
  switch (session.random.From(0, 2)) {
    case 0:
      c.Send(std::string_view(bytes));
      break;
    case 1:
      c.Send(std::move(bytes));
      break;
    default:
      c.Send(std::make_shared<const std::string>(std::move(bytes)));
  }
}

void ChaosServer::Pause(TcpConnection& c, Session& session) {
  if (!c.reading()) return;
  c.PauseReading();
  ++session.owed;
  EXPECT_EQ(pool_->Submit([this, handle = c.handle(), hold = c.Hold()] {
    (void)handle.Run([this](TcpConnection* conn) {
      if (conn == nullptr) return;
      conn->ResumeReading();
      Settled(conn);
    });
  }),
            ThreadPool::SubmitResult::kAccepted);
}

void ChaosServer::Settled(TcpConnection* c) {
  if (c == nullptr) return;
  Session& session = *c->context<Session>();
  --session.owed;
  EndIfAnswered(*c, session, c->input_bytes());
}

void ChaosServer::HalfClosed(TcpConnection& c) {
  Session& session = *Enter(c);
  EXPECT_TRUE(plan_.server.limits.allow_half_close);
  EXPECT_FALSE(std::exchange(session.half_closed, true));
  EndIfAnswered(c, session, c.input_bytes());
}

// After the peer's FIN: once all that came is answered.
void ChaosServer::EndIfAnswered(TcpConnection& c, Session& session,
                                size_t left) {
  // What a client that left early has sent may end in mid unit.
  if (!session.half_closed || session.owed > 0 || left >= plan_.unit) return;
  if (session.random.Percent(50)) {
    c.Shutdown();
  } else {
    c.Close();
  }
}

void ChaosServer::EndIfPlanned(TcpConnection& c, Session& session) {
  using ServerEnd = ChaosClientPlan::ServerEnd;
  if (session.plan.server_end == ServerEnd::kNever ||
      session.record.taken < session.plan.server_end_at) {
    return;
  }
  session.record.ended = true;
  switch (session.plan.server_end) {
    case ServerEnd::kNever:
      break;
    case ServerEnd::kShutdown:
      return c.Shutdown();
    case ServerEnd::kLinger:
      c.LingerOnClose();
      return c.Close();
    case ServerEnd::kClose:
      return c.Close();
    case ServerEnd::kForceClose:
      return c.ForceClose();
  }
}

void ChaosServer::Draining(TcpConnection& c) {
  Session& session = *Enter(c);
  EXPECT_TRUE(c.draining());
  EXPECT_EQ(session.record.drains++, 0);
  if (!plan_.shuts_down_on_drain) return;
  session.record.ended = true;
  c.Shutdown();
}

void ChaosServer::Closed(TcpConnection& c, CloseReason reason) {
  Session& session = *Enter(c);
  EXPECT_TRUE(c.closed());
  EXPECT_FALSE(c.Send("too late"));
  Record& record = session.record;
  record.closes++;
  record.reason = reason;
  record.bytes_received = c.bytes_received();
  record.bytes_sent = c.bytes_sent();
  record.unsent = c.output_bytes();
}

}  // namespace rondo
