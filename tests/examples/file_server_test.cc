// What curl, ab and a client that hardly reads get from examples/file_server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/examples/process_stats.h"
#include "tests/net/http/files/temp_tree.h"
#include "tests/testing/temp_directory.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

// So many numbered lines.
std::string Lines(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += std::to_string(i) + "\n";
  return lines;
}

class FileServerTest : public testing::Test {
 protected:
  FileServerTest() {
    temp_.Write("a.txt", "0123456789abcdefghij");
    temp_.MakeDirectory("folder");
    temp_.Write("folder/index.html", "<p>index</p>");
    temp_.MakeDirectory("bare");
    temp_.Write("bare/x.txt", "x");
    temp_.Write("bare/y.txt", "y");
    temp_.Write(".hidden", "hidden");
    temp_.Link("a.txt", "link");
    temp_.Link("../outside", "escape");
  }

  Flags WithRoot(Flags flags) const {
    flags.push_back("--root=" + temp_.root());
    return flags;
  }

  static Ended Curl(const ExampleServer& server, const std::string& path,
                    Flags arguments = {}) {
    arguments.insert(arguments.begin(),
                     {"curl", "-q", "-sS", "--noproxy", "*", "--path-as-is"});
    arguments.push_back("http://" + server.address() + path);
    const Ended curl = RunCommand(std::move(arguments));
    EXPECT_EQ(curl.exit_code, 0) << curl.errors;
    return curl;
  }

  static std::string StatusOf(const ExampleServer& server,
                              const std::string& path, Flags arguments = {}) {
    arguments.insert(arguments.end(),
                     {"-o", "/dev/null", "-w", "%{http_code}"});
    return Curl(server, path, std::move(arguments)).output;
  }

  TempTree temp_;
  TempDirectory client_;  // where the client has its files
};

// --- curl. -------------------------------------------------------------------

TEST_F(FileServerTest, CurlGetsFiles) {
  const std::string large = Lines(1'000'000);
  temp_.Write("large.txt", large);
  temp_.Write("empty", "");
  const ExampleServer server("file_server", WithRoot({}));
  EXPECT_EQ(Curl(server, "/a.txt").output, "0123456789abcdefghij");
  EXPECT_EQ(Curl(server, "/empty").output, "");
  EXPECT_TRUE(Curl(server, "/large.txt").output == large);
  EXPECT_EQ(Curl(server, "/folder", {"-L"}).output, "<p>index</p>");
}

TEST_F(FileServerTest, CurlGetsHeads) {
  const ExampleServer server("file_server", WithRoot({}));
  const Ended curl = Curl(server, "/folder/", {"-I"});
  EXPECT_THAT(curl.output,
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                    HasSubstr("\r\nContent-Length: 12\r\n"),
                    HasSubstr("\r\nContent-Type: text/html; charset=utf-8\r\n"),
                    HasSubstr("\r\nAccept-Ranges: bytes\r\n"),
                    HasSubstr("\r\nETag: \""), Not(HasSubstr("index"))));
}

TEST_F(FileServerTest, CurlGetsRanges) {
  const ExampleServer server("file_server", WithRoot({}));
  EXPECT_EQ(Curl(server, "/a.txt", {"-r", "0-4"}).output, "01234");
  EXPECT_EQ(Curl(server, "/a.txt", {"-r", "-3"}).output, "hij");
  EXPECT_EQ(Curl(server, "/a.txt", {"-r", "18-"}).output, "ij");
  EXPECT_THAT(Curl(server, "/a.txt", {"-r", "0-1,5-6"}).output,
              AllOf(HasSubstr("bytes 0-1/20\r\n\r\n01\r\n"),
                    HasSubstr("bytes 5-6/20\r\n\r\n56\r\n")));
  EXPECT_EQ(StatusOf(server, "/a.txt", {"-r", "20-"}), "416");
}

TEST_F(FileServerTest, CurlGoesOnWhereItWasCutOff) {
  const std::string content = Lines(300'000);
  temp_.Write("large.txt", content);
  const std::string part = client_ / "part";
  std::ofstream(part, std::ios::binary) << content.substr(0, 1'000'001);
  const ExampleServer server("file_server", WithRoot({}));
  Curl(server, "/large.txt", {"-C", "-", "-o", part});
  EXPECT_TRUE(Contents(part) == content);
}

TEST_F(FileServerTest, CurlGetsWhatIsNewer) {
  const ExampleServer server("file_server", WithRoot({}));
  // Files are of 22:13:20.
  EXPECT_EQ(StatusOf(server, "/a.txt", {"-z", "14 Nov 2023 22:13:20 GMT"}),
            "304");
  EXPECT_EQ(StatusOf(server, "/a.txt", {"-z", "14 Nov 2023 22:13:19 GMT"}),
            "200");
  const std::string tag = client_ / "tag";
  EXPECT_EQ(StatusOf(server, "/a.txt", {"--etag-save", tag}), "200");
  EXPECT_EQ(StatusOf(server, "/a.txt", {"--etag-compare", tag}), "304");
  temp_.Write("a.txt", "another");
  EXPECT_EQ(StatusOf(server, "/a.txt", {"--etag-compare", tag}), "200");
}

TEST_F(FileServerTest, CurlReadsWhatGzipHasCompressed) {
  const std::string content = Lines(100'000);
  temp_.Write("lines.txt", content);
  const Ended gzip = RunCommand({"gzip", "--keep", temp_.Path("lines.txt")});
  ASSERT_EQ(gzip.exit_code, 0) << gzip.errors;
  const ExampleServer server("file_server", WithRoot({"--precompressed"}));
  const std::string file = client_ / "lines.txt";
  const Ended curl =
      Curl(server, "/lines.txt",
           {"--compressed", "-o", file, "-w", "%{size_download}"});
  EXPECT_TRUE(Contents(file) == content);
  EXPECT_EQ(
      curl.output,
      std::to_string(std::filesystem::file_size(temp_.Path("lines.txt.gz"))));
  EXPECT_TRUE(Curl(server, "/lines.txt").output == content);
}

TEST_F(FileServerTest, CurlDoesNotGetOut) {
  const ExampleServer server("file_server", WithRoot({"--follow_links"}));
  for (const std::string path :
       {"/../outside", "/%2e%2e/outside", "/folder/../../outside", "/escape",
        "/a.txt%00", "//etc/passwd"}) {
    EXPECT_EQ(StatusOf(server, path), "404") << path;
  }
}

// --- Flags. ------------------------------------------------------------------

TEST_F(FileServerTest, GivesOutLittleUnlessToldTo) {
  const ExampleServer server("file_server", WithRoot({}));
  EXPECT_EQ(StatusOf(server, "/bare/"), "403");
  EXPECT_EQ(StatusOf(server, "/.hidden"), "404");
  EXPECT_EQ(StatusOf(server, "/link"), "404");
}

TEST_F(FileServerTest, GivesOutWhatItIsToldTo) {
  temp_.Write("types", "text/strange txt");
  const ExampleServer server(
      "file_server", WithRoot({"--list_directories", "--max_listed_names=1",
                               "--hidden", "--follow_links", "--index=home",
                               "--mime_types=" + temp_.Path("types")}));
  EXPECT_EQ(Curl(server, "/.hidden").output, "hidden");
  EXPECT_EQ(Curl(server, "/link").output, "0123456789abcdefghij");
  EXPECT_THAT(Curl(server, "/bare/").output, HasSubstr("There are more."));
  EXPECT_THAT(Curl(server, "/folder/").output, HasSubstr("index.html</a>"));
  EXPECT_THAT(Curl(server, "/a.txt", {"-I"}).output,
              HasSubstr("\r\nContent-Type: text/strange"));
}

TEST_F(FileServerTest, BadFlagsSayWhatIsWrong) {
  struct Case {
    Flags flags;
    std::string error;
  };
  const std::string root = "--root=" + temp_.root();
  const std::string none = temp_.Path("none");
  const std::string file = temp_.Path("a.txt");
  for (const Case& bad : {
           Case{{}, "--root=: allowed is a folder that this user may enter"},
           Case{{"--root=" + none},
                "cannot serve files of '" + none + "': name a folder that"},
           Case{{"--root=" + file}, "cannot serve files of '" + file + "'"},
           Case{{root, "--mime_types=" + none},
                "cannot read the media types in '" + none + "': name another"},
           Case{{root, "--mime_types=" + file}, "line 1 of '" + file + "'"},
           Case{{root, "--max_listed_names=0"},
                "--max_listed_names=0: allowed is 1 or more"},
           Case{{root, "--index=a/b"},
                "a folder's index cannot be 'a/b': give the name of a file"},
       }) {
    const Ended ended = RunExample("file_server", bad.flags);
    EXPECT_EQ(ended.exit_code, 1) << bad.error;
    EXPECT_THAT(ended.output, IsEmpty());
    EXPECT_THAT(ended.errors, StartsWith("ERROR: " + bad.error));
  }
}

// --- Many, and slow. ---------------------------------------------------------

TEST_F(FileServerTest, AbFailsNothing) {
  temp_.Write("file", std::string(65'536, 'x'));
  const ExampleServer server("file_server", WithRoot({}));
  const Ended ab =
      RunCommand({"ab", "-q", "-k", "-n1000", "-c50", server.url() + "file"});
  EXPECT_EQ(ab.exit_code, 0) << ab.errors;
  EXPECT_THAT(ab.output, AllOf(ContainsRegex("Complete requests: +1000\n"),
                               ContainsRegex("Failed requests: +0\n"),
                               ContainsRegex("HTML transferred: +65536000 "),
                               Not(HasSubstr("Non-2xx"))));
}

TEST_F(FileServerTest, AClientThatHardlyReadsCostsLittle) {
  constexpr int kClients = 20;
  constexpr size_t kRead = 16 << 20;
  temp_.Write("huge", "");
  std::filesystem::resize_file(temp_.Path("huge"), size_t{1} << 30);
  ExampleServer server("file_server", WithRoot({}));
  const pid_t pid = server.process().pid();
  EXPECT_EQ(Curl(server, "/huge", {"-r", "0-1000000"}).output.size(),
            1'000'001u);  // the first answer's memory is not meant
  const size_t descriptors = CountDescriptors(pid);
  const size_t bytes = ResidentBytes(pid);
  {
    std::vector<ClientSocket> clients;
    for (int i = 0; i < kClients; ++i) {
      clients.emplace_back(server.port(), 4'096);
      ASSERT_TRUE(clients.back().Send("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n"));
      EXPECT_EQ(clients.back().Read(1), "H");
    }
    EXPECT_EQ(clients.front().Read(kRead).size(), kRead);
    EXPECT_LT(ResidentBytes(pid), bytes + (8 << 20));
  }
  EXPECT_TRUE(Eventually([&] { return CountDescriptors(pid) <= descriptors; }));
  EXPECT_THAT(
      server.Stop().errors,
      MatchesRegex(StoppedLine("file_server", {.unsent_bytes = "[0-9]+"})));
}

}  // namespace
}  // namespace rondo
