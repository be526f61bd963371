#include "tests/net/mysql/mysql_fixture.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/net/tcp/event_count.h"

namespace rondo {

MySqlOptions OptionsFor(const MariaDbServer& server) {
  return {.server = *Endpoint::Parse("unix:" + server.socket_path()),
          .user = MariaDbServer::kUser,
          .password = MariaDbServer::kPassword,
          .database = MariaDbServer::kDatabase};
}

MySqlOptions TcpOptionsFor(const MariaDbServer& server) {
  MySqlOptions options = OptionsFor(server);
  options.server = *Endpoint::FromHostAndPort("127.0.0.1", server.port());
  return options;
}

MySqlFixture::MySqlFixture(const Clock* clock) {
  auto thread = EventLoopThread::Start(
      {.loop = {.clock = clock, .stall_limit = absl::InfiniteDuration()}});
  CHECK(thread.ok()) << thread.status();
  thread_ = *std::move(thread);
}

MySqlFixture::~MySqlFixture() {
  if (pool_ != nullptr) DestroyPool();
  On([&] { asked_.clear(); });
}

void MySqlFixture::StartServer(MariaDbServer::Options options) {
  server_.emplace(std::move(options));
  teller_.emplace(BlockingMySqlClientOptions{.mysql = OptionsFor(*server_),
                                             .read_timeout = absl::Minutes(1)});
}

MySqlResult MySqlFixture::Tell(const std::string& sql) {
  auto result = teller_->Query(sql, /*idempotent=*/true);
  CHECK(result.ok()) << sql << ": " << result.status();
  return *std::move(result);
}

void MySqlFixture::MakePool(MySqlPoolOptions options) {
  On([&] {
    pool_ = std::make_unique<MySqlPool>(thread_->loop(), std::move(options));
  });
}

void MySqlFixture::DestroyPool() {
  On([&] { pool_.reset(); });
}

void MySqlFixture::Await(absl::FunctionRef<bool()> predicate) {
  AwaitTrue([&] {
    bool is_so = false;
    On([&] { is_so = predicate(); });
    return is_so;
  });
}

Asked& MySqlFixture::Ask(std::string sql, MySqlQueryOptions options,
                         std::function<void()> on_answer) {
  Asked* asked = nullptr;
  On([&] {
    asked = &asked_.emplace_back();
    asked->on_answer = std::move(on_answer);
    in_call_ = true;
    asked->request =
        pool_->Query(std::move(sql), options, [this, asked](auto r) {
          EXPECT_FALSE(in_call_) << "called back inside the call";
          asked->answers.push_back(std::move(r));
          if (asked->on_answer) asked->on_answer();
        });
    in_call_ = false;
  });
  return *asked;
}

absl::StatusOr<MySqlResult> MySqlFixture::AwaitAnswer(Asked& asked) {
  absl::StatusOr<MySqlResult> answer = absl::UnknownError("no answer");
  Await([&] { return !asked.answers.empty(); });
  On([&] {
    EXPECT_EQ(asked.answers.size(), 1u);
    if (!asked.answers.empty()) answer = asked.answers[0];
  });
  return answer;
}

absl::StatusOr<MySqlResult> MySqlFixture::Query(std::string sql,
                                                MySqlQueryOptions options) {
  return AwaitAnswer(Ask(std::move(sql), options));
}

size_t MySqlFixture::CountAnswers(const Asked& asked) {
  size_t count = 0;
  On([&] { count = asked.answers.size(); });
  return count;
}

std::string MySqlFixture::StateHere() const {
  return absl::StrCat(pool_->idle(), " idle, ", pool_->busy(), " busy, ",
                      pool_->connecting(), " connecting, ", pool_->waiting(),
                      " waiting");
}

std::string MySqlFixture::State() {
  std::string state;
  On([&] { state = StateHere(); });
  return state;
}

void MySqlFixture::AwaitState(const std::string& state) {
  Await([&] { return StateHere() == state; });
  EXPECT_EQ(State(), state);
}

MySqlPool::Counts MySqlFixture::Counts() {
  MySqlPool::Counts counts;
  On([&] { counts = pool_->counts(); });
  return counts;
}

// The teller has one connection, for it has one thread.
void MySqlFixture::TakeLock(const std::string& name) {
  EXPECT_EQ(Tell(absl::StrCat("SELECT GET_LOCK('", name, "', 0)")).Int(0, 0),
            1);
}

void MySqlFixture::ReleaseLock(const std::string& name) {
  EXPECT_EQ(Tell(absl::StrCat("SELECT RELEASE_LOCK('", name, "')")).Int(0, 0),
            1);
}

void MySqlFixture::AwaitRunning(const std::string& like, int count) {
  AwaitTrue([&] {
    const MySqlResult result = Tell(absl::StrCat(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '",
        like, "' AND id <> CONNECTION_ID()"));
    return result.Int(0, 0) == count;
  });
}

}  // namespace rondo
