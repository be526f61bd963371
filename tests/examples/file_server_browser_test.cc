// What a browser gets from examples/file_server: a page with a style, a script
// and pictures, and then again what it has got already.
//
// The page says in its own text what of it has been loaded. What went over the
// wire is in the browser's log of it, and in the server's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/net/http/files/temp_tree.h"
#include "tests/testing/temp_directory.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

// More than a browser opens connections for: six to a host.
constexpr size_t kPictures = 8;
constexpr size_t kMaxConnections = 6;
constexpr size_t kFiles = 3 + kPictures;

constexpr std::string_view kScript = R"(
addEventListener('load', () => {
  const said = document.getElementById('said');
  const widths = Array.from(document.images, (image) => image.naturalWidth);
  said.textContent = getComputedStyle(said).color + ' ' + widths.join('');
});
)";
constexpr std::string_view kStyle = "#said { color: rgb(1, 2, 3); }";
constexpr std::string_view kSaid = ">rgb(1, 2, 3) 22222222<";

// Two grey pixels.
constexpr char kPicture[] =
    "89504e470d0a1a0a0000000d494844520000000200000001080000"
    "0000d14920560000000b49444154789c6360f80f00010201004"
    "2bebc680000000049454e44ae426082";

std::string Page() {
  std::string page =
      "<!DOCTYPE html><title>page</title>"
      "<link rel='icon' href='data:,'>"
      "<link rel='stylesheet' href='style.css'>"
      "<script src='script.js'></script><p id='said'>nothing</p>";
  for (size_t i = 0; i < kPictures; ++i) {
    page += "<img src='picture" + std::to_string(i) + ".png'>";
  }
  return page;
}

size_t Count(std::string_view text, std::string_view what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string_view::npos;
       at = text.find(what, at + what.size())) {
    ++count;
  }
  return count;
}

class FileServerBrowserTest : public testing::Test {
 protected:
  // What a visit has come to.
  struct Visit {
    std::string page;  // as it was in the end
    std::string log;

    size_t Replies(std::string_view status) const {
      return Count(log, "\"HTTP/1.1 " + std::string(status) + "\"");
    }
  };

  // All files are of `modified`.
  void WritePage(absl::Time modified) const {
    temp_.Write("index.html", Page(), modified);
    temp_.Write("style.css", kStyle, modified);
    temp_.Write("script.js", kScript, modified);
    for (size_t i = 0; i < kPictures; ++i) {
      temp_.Write("picture" + std::to_string(i) + ".png",
                  absl::HexStringToBytes(kPicture), modified);
    }
  }

  // With the cache of the visits before. The browser knows no host, so that it
  // asks nobody but this server.
  Visit Browse(const ExampleServer& server) const {
    const std::string log = home_ / "log";
    const Ended chromium = RunCommand(
        {"env", "HOME=" + home_.path().string(), "chromium", "--headless=new",
         "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync",
         "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
         "--user-data-dir=" + (home_ / "profile").string(),
         "--log-net-log=" + log, "--dump-dom", server.url()});
    EXPECT_EQ(chromium.exit_code, 0) << chromium.errors;
    return {.page = chromium.output, .log = Contents(log)};
  }

  TempTree temp_;
  TempDirectory home_;
};

bool HasChromium() {
  return RunCommand({"sh", "-c", "command -v chromium"}).exit_code == 0;
}

TEST_F(FileServerBrowserTest, LoadsAPageAndThenWhatHasChanged) {
  if (!HasChromium()) {
    GTEST_SKIP() << "there is no chromium; tools/setup --browser installs it";
  }
  // What has changed this second is out of date the next: a browser guesses
  // that what was changed long ago will do for long, and asks nobody.
  WritePage(absl::Now() + absl::Hours(1));
  const std::string log = home_ / "access_log";
  ExampleServer server("file_server",
                       {"--root=" + temp_.root(), "--access_log=" + log});
  const std::string connected =
      "\"remote_address\":\"" + server.address() + "\"";

  const Visit first = Browse(server);
  EXPECT_THAT(first.page, HasSubstr(kSaid));
  EXPECT_EQ(first.Replies("200 OK"), kFiles);
  EXPECT_LE(Count(first.log, connected), kMaxConnections);

  const Visit again = Browse(server);
  EXPECT_THAT(again.page, HasSubstr(kSaid));
  EXPECT_EQ(again.Replies("304 Not Modified"), kFiles);
  EXPECT_EQ(again.Replies("200 OK"), 0u);
  EXPECT_LE(Count(again.log, connected), kMaxConnections);

  temp_.Write("style.css", "#said { color: rgb(3, 2, 1); }",
              absl::Now() + absl::Hours(1));
  const Visit changed = Browse(server);
  EXPECT_THAT(changed.page, HasSubstr(">rgb(3, 2, 1) 22222222<"));
  EXPECT_EQ(changed.Replies("200 OK"), 1u);
  EXPECT_EQ(changed.Replies("304 Not Modified"), kFiles - 1);

  EXPECT_EQ(server.Stop().exit_code, 0);
  EXPECT_EQ(Count(Contents(log), " HTTP/1.1\" 200 "), kFiles + 1);
  EXPECT_EQ(Count(Contents(log), " HTTP/1.1\" 304 "), 2 * kFiles - 1);
}

}  // namespace
}  // namespace rondo
