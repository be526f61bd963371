#include "tests/examples/designs/design_server.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/examples/process_stats.h"

namespace rondo {
namespace {

constexpr std::string_view kListening = " listening on ";

// Runfiles as in https://bazel.build/reference/test-encyclopedia; by hand, from
// the top.
Process::Options Design(std::string_view name, std::vector<std::string> flags) {
  const char* const runfiles = getenv("TEST_SRCDIR");
  const char* const workspace = getenv("TEST_WORKSPACE");
  std::string top = ".";
  if (runfiles != nullptr && workspace != nullptr) {
    top = absl::StrCat(runfiles, "/", workspace);
  }
  flags.insert(flags.begin(),
               {absl::StrCat(top, "/examples/designs/", std::string(name)),
                "--port=0"});  // of two, the last counts
  return {.argv = std::move(flags)};
}

}  // namespace

Ended RunDesign(std::string_view name, std::vector<std::string> flags) {
  Process process(Design(name, std::move(flags)));
  process.CloseInput();
  return process.Wait();
}

DesignServer::DesignServer(std::string_view name,
                           std::vector<std::string> flags)
    : process_(Design(name, std::move(flags))),
      start_line_(process_.ReadLine()) {
  if (start_line_.find(kListening) != name.size()) {
    ADD_FAILURE() << "does not listen: " << start_line_ << "\n"
                  << testing::PrintToString(process_.Wait());
  }
}

DesignServer::~DesignServer() {
  if (process_.running()) Stop();
}

std::string DesignServer::address() const {
  const size_t found = start_line_.find(kListening);
  if (found == std::string::npos) return "";
  const size_t begin = found + kListening.size();
  return start_line_.substr(begin, start_line_.find(' ', begin) - begin);
}

uint16_t DesignServer::port() const {
  const std::string text = address();
  int port = 0;
  if (!absl::SimpleAtoi(text.substr(text.rfind(':') + 1), &port)) return 0;
  return static_cast<uint16_t>(port);
}

const Ended& DesignServer::Stop(int signal) {
  process_.Signal(signal);
  const Ended& ended = process_.Wait();
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  return ended;
}

std::string Ask(uint16_t port, std::string_view bytes) {
  ClientSocket client(port);
  client.Send(bytes);  // not all, if it answers before
  return client.ReadToEnd();
}

bool IsServed(ClientSocket& client, std::string_view message) {
  return client.Send(message) &&
         client.Read(message.size()) == absl::AsciiStrToUpper(absl::string_view(
                                            message.data(), message.size()));
}

bool ServesOn(const DesignServer& server) {
  ClientSocket client(server.port());
  return IsServed(client);
}

size_t CountOwnDescriptors(const DesignServer& server) {
  ClientSocket client(server.port());
  EXPECT_TRUE(IsServed(client));  // so all else is open by now
  const size_t count = CountDescriptors(server.pid()) - 1;
  client.Close();
  EXPECT_TRUE(
      Eventually([&] { return CountDescriptors(server.pid()) == count; }));
  return count;
}

int CountOf(std::string_view text, std::string_view all) {
  int count = 0;
  for (size_t at = 0; (at = all.find(text, at)) != std::string_view::npos;
       at += text.size()) {
    ++count;
  }
  return count;
}

}  // namespace rondo
