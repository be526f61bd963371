#include "tests/net/http/peers/token_user.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/net/http/peers/witness_server.h"

namespace rondo {
namespace {

using Body = TokenQuestion::Body;

constexpr size_t kLargestPiece = 20'000;

}  // namespace

struct TokenUser::Asked {
  const TokenQuestion* question;
  std::string token;
  std::string head = {};
  std::string body = {};       // what the server is to find
  std::string wire_body = {};  // how it is sent
};

const std::vector<TokenQuestion>& PoliteQuestions() {
  static const auto* const kQuestions = new std::vector<TokenQuestion>{
      {"Get", "GET", "/echo/"},
      {"Head", "HEAD", "/echo/"},
      {"Delete", "DELETE", "/echo/"},
      {"Post", "POST", "/echo/", Body::kLength, 100'000},
      {"PostOfNothing", "POST", "/echo/", Body::kLength, 1},
      {"PutInChunks", "PUT", "/echo/", Body::kChunked, 100'000},
      {"PostAndWaitForContinue", "POST", "/echo/", Body::kExpected, 10'000},
      {"GetLater", "GET", "/later/"},
      {"PostLater", "POST", "/later/", Body::kLength, 10'000},
      {"GetInChunks", "GET", "/streamed/"},
      {"HeadOfChunks", "HEAD", "/streamed/"},
      {"Streamed", "POST", "/streamed/", Body::kLength, 60'000},
      {"StreamedAndContinued", "POST", "/streamed/", Body::kExpected, 10'000},
      {"BodyNobodyReads", "POST", "/unread/", Body::kLength, 20'000},
      {"Missing", "GET", "/missing/", Body::kNone, 0, "", 404},
      {"HeadOfMissing", "HEAD", "/missing/", Body::kNone, 0, "", 404},
      {"PostToMissing", "POST", "/missing/", Body::kLength, 20'000, "", 404},
      {"NotModified", "GET", "/tagged/", Body::kNone, 0,
       "If-None-Match: \"rondo\"\r\n", 304},
  };
  return *kQuestions;
}

const std::vector<TokenQuestion>& Questions() {
  static const auto* const kQuestions = [] {
    auto* const all = new std::vector<TokenQuestion>(PoliteQuestions());
    const size_t polite = all->size();
    const TokenQuestion others[] = {
        {"Closing", "GET", "/echo/", Body::kNone, 0, "Connection: close\r\n"},
        {"BothInChunks", "POST", "/streamed/", Body::kChunked, 100'000},
        {"MuchStreamed", "POST", "/streamed/", Body::kLength, 400'000},
        {"ChunksNobodyReads", "POST", "/unread/", Body::kChunked, 20'000},
        {"MuchThatNobodyReads", "POST", "/unread/", Body::kLength, 400'000},
        {"MuchExpected", "POST", "/unread/", Body::kExpected, 400'000},
        {"TooLarge", "POST", "/echo/", Body::kLength, TokenUser::kTooManyBytes,
         "", 413},
        {"TooLargeInChunks", "POST", "/echo/", Body::kChunked,
         TokenUser::kTooManyBytes, "", 413},
        {"TooLargeExpected", "POST", "/echo/", Body::kExpected,
         TokenUser::kTooManyBytes, "", 413},
    };
    all->insert(all->end(), std::begin(others), std::end(others));
    for (size_t i = polite; i < all->size(); ++i) (*all)[i].is_polite = false;
    return all;
  }();
  return *kQuestions;
}

TokenUser::TokenUser(InetAddress server, std::string name, uint32_t seed)
    : server_(std::move(server)), name_(std::move(name)), random_(seed) {}

size_t TokenUser::Random(size_t below) {
  return std::uniform_int_distribution<size_t>(0, below - 1)(random_);
}

void TokenUser::Connect() {
  client_ = std::make_unique<LoopbackClient>(server_);
  reader_ = std::make_unique<AnswerReader>(client_.get());
}

TokenUser::Asked TokenUser::Compose(const TokenQuestion& question) {
  Asked asked = {.question = &question,
                 .token = absl::StrCat(name_, "-", ++asked_)};
  absl::StrAppend(&asked.head, question.method, " ", question.path, asked.token,
                  " HTTP/1.1\r\nHost: rondo\r\n", question.fields);
  if (question.body == Body::kNone) {
    asked.head += "\r\n";
    return asked;
  }
  const size_t bytes = question.status == 413 ? question.max_body_bytes
                                              : Random(question.max_body_bytes);
  while (asked.body.size() < bytes) absl::StrAppend(&asked.body, asked.token);
  asked.body.resize(bytes);
  if (question.body != Body::kChunked) {
    absl::StrAppend(
        &asked.head, "Content-Length: ", bytes, "\r\n",
        question.body == Body::kExpected ? "Expect: 100-continue\r\n" : "",
        "\r\n");
    asked.wire_body = asked.body;
    return asked;
  }
  asked.head += "Transfer-Encoding: chunked\r\n\r\n";
  std::string_view left = asked.body;
  while (!left.empty()) {
    const std::string_view piece = left.substr(0, 1 + Random(kLargestPiece));
    absl::StrAppend(&asked.wire_body, absl::Hex(piece.size()), "\r\n",
                    absl::string_view(piece.data(), piece.size()), "\r\n");
    left.remove_prefix(piece.size());
  }
  asked.wire_body += "0\r\n\r\n";
  return asked;
}

void TokenUser::Ask(const TokenQuestion& question) {
  SCOPED_TRACE(question.name);
  if (client_ == nullptr) Connect();
  const Asked asked = Compose(question);
  ReceivedAnswer answer;
  if (question.body == Body::kExpected) {
    client_->Send(asked.head);
    answer = reader_->ReadAny();
    if (answer.status == 100) {
      client_->Send(asked.wire_body);
      answer = reader_->Read();
    } else {  // it owes a body that nobody wants
      EXPECT_GE(answer.status, 200);
      Check(asked, answer);
      client_ = nullptr;
      return;
    }
  } else {
    client_->Send(asked.head + asked.wire_body);
    answer = reader_->Read(question.method);
  }
  Check(asked, answer);
  if (!question.is_polite || answer.closes()) client_ = nullptr;
}

void TokenUser::Check(const Asked& asked, const ReceivedAnswer& answer) {
  const TokenQuestion& question = *asked.question;
  EXPECT_EQ(answer.status, question.status) << testing::PrintToString(answer);
  EXPECT_TRUE(answer.whole) << testing::PrintToString(answer);
  if (question.status == 413) return;  // which no handler has seen
  EXPECT_EQ(answer.Find("X-Token"), asked.token);
  const std::string_view method = question.method;
  if (method == "HEAD" || question.status == 304) {
    EXPECT_EQ(answer.body, "");
    return;
  }
  const bool is_read = std::string_view(question.path) != "/unread/";
  EXPECT_TRUE(answer.body == WitnessServer::Echo(method, asked.token,
                                                 is_read ? asked.body : ""))
      << answer.body.size() << " bytes, which begin with "
      << answer.body.substr(0, 100);
}

void TokenUser::AskSomething() { Ask(Questions()[Random(Questions().size())]); }

void TokenUser::Abandon() {
  if (client_ == nullptr) Connect();
  const TokenQuestion& question = Questions()[Random(Questions().size())];
  const Asked asked = Compose(question);
  const std::string bytes = asked.head + asked.wire_body;
  client_->Send(bytes.substr(0, 1 + Random(bytes.size())));
  client_ = nullptr;
}

}  // namespace rondo
