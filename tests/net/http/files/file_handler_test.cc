// What requests for files are answered with. How large ones are sent is in
// file_stream_test.cc.
#include "net/http/files/file_handler.h"

#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "net/http/http_callbacks.h"
#include "net/http/http_options.h"
#include "net/http/http_service.h"
#include "tests/net/http/files/file_server_fixture.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kContent = "0123456789abcdefghij";
constexpr std::string_view kModified = "Tue, 14 Nov 2023 22:13:20 GMT";

class FileHandlerTest : public FileServerFixture {
 protected:
  FileHandlerTest() {
    temp_.Write("a.txt", kContent);
    temp_.MakeDirectory("folder");
    temp_.Write("folder/index.html", "index");
    temp_.Write("folder/b c.txt", "text");
    temp_.MakeDirectory("bare");
    temp_.Write("bare/x.txt", "text");
    temp_.Write(".secret", "secret");
    temp_.Link("../outside", "escape");
    temp_.Link("a.txt", "link");
    temp_.Link("..", "up");
  }

  static FileHandler FilesOf(const std::string& root,
                             const FileOptions& options = {}) {
    auto finder = FileFinder::Create(root, options, MimeTypes());
    CHECK(finder.ok()) << finder.status();
    return FileHandler(std::make_shared<const FileFinder>(*std::move(finder)));
  }

  void ServeBy(Router router) {
    Start(LoopbackOptions(), HttpCallbacks(std::make_shared<const HttpService>(
                                 std::move(router), HttpOptions())));
  }
};

TEST_F(FileHandlerTest, AnswersWithAFile) {
  Serve();
  const FileReply reply = Get("/a.txt");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, kContent);
  EXPECT_EQ(reply.Field("Content-Type"), "text/plain");
  EXPECT_EQ(reply.Field("Last-Modified"), kModified);
  EXPECT_EQ(reply.Field("Accept-Ranges"), "bytes");
  EXPECT_THAT(reply.Field("ETag"), StartsWith("\""));
}

TEST_F(FileHandlerTest, NoWayLeadsOut) {
  Serve();
  struct Case {
    std::string_view path;
    int status;
  };
  for (const auto& [path, status] : std::vector<Case>{
           {"/folder/b%20c.txt", 200},
           {"/folder/", 200},
           {"/nothing", 404},
           {"/bare/", 403},
           {"/", 403},
           // RFC 3986 §3.3, dot segments, however they are written.
           {"/../outside", 404},
           {"/folder/../../outside", 404},
           {"/folder/../a.txt", 404},
           {"/./a.txt", 404},
           {"/%2e%2e/outside", 404},
           {"/.%2E/outside", 404},
           {"/%2e%2e%2foutside", 404},
           {"/..%2foutside", 404},
           {"/%252e%252e/outside", 404},
           {"/..%5Coutside", 404},
           {"/..%c0%afoutside", 404},
           // Encoded slashes are in no name.
           {"/folder%2Findex.html", 404},
           {"/%2Fetc/passwd", 404},
           {"//etc/passwd", 404},
           {"/folder//index.html", 404},
           {"/a.txt%00", 404},
           {"/a.txt%00.html", 404},
           {"/%00", 404},
           {"/a.txt/", 404},
           {"/%", 400},
           {"/%zz", 400},
           // What is there, and nobody's business.
           {"/.secret", 404},
           {"/%2Esecret", 404},
           {"/escape", 404},
           {"/link", 404},
           {"/up/outside", 404},
       }) {
    const FileReply reply = Get(path);
    EXPECT_EQ(reply.status, status) << path;
    EXPECT_THAT(reply.body, Not(HasSubstr("secret"))) << path;
  }
}

TEST_F(FileHandlerTest, LinksThatAreFollowedLeadNotOutEither) {
  Serve({.links = FileTree::Links::kFollowedWithin});
  EXPECT_EQ(Get("/link").body, kContent);
  for (const std::string_view path : {"/escape", "/up/outside", "/up/"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
}

TEST_F(FileHandlerTest, Rfc9112_3_2_2_TheAbsoluteFormIsTheSamePath) {
  Serve();
  EXPECT_EQ(Get("http://a/a.txt").body, kContent);
  EXPECT_EQ(Get("http://a/../outside").status, 404);
}

TEST_F(FileHandlerTest, HasAPlaceAmongOtherPaths) {
  temp_.MakeDirectory("files");
  temp_.Write("files/a.txt", "inner");
  Serve({}, "/some/files");
  struct Case {
    std::string_view path;
    int status;
    std::string_view body;
  };
  for (const auto& [path, status, body] : std::vector<Case>{
           {"/some/files/a.txt", 200, kContent},
           {"/s%6Fme/%66iles/a.txt", 200, kContent},
           {"/some/files/files/a.txt", 200, "inner"},
           {"/some/files/folder/", 200, "index"},
           {"/some/files/", 403, ""},
           {"/some/files", 404, ""},
           {"/a.txt", 404, ""},
           {"/some/a.txt", 404, ""},
           {"/some%2Ffiles/a.txt", 404, ""},
           {"/some/files/folder%2Findex.html", 404, ""},
           {"/some/files/../a.txt", 404, ""},
           {"/some/files/%2e%2e/outside", 404, ""},
           {"/some/files//a.txt", 404, ""},
       }) {
    const FileReply reply = Get(path);
    EXPECT_EQ(reply.status, status) << path;
    if (status == 200) {
      EXPECT_EQ(reply.body, body) << path;
    }
  }
}

TEST_F(FileHandlerTest, Rfc9110_15_4_2_AFolderIsRedirected) {
  Serve({}, "/files");
  const FileReply reply = Get("/files/folder?a=b%20c");
  EXPECT_EQ(reply.status, 301);
  EXPECT_EQ(reply.Field("Location"), "folder/?a=b%20c");
  EXPECT_THAT(reply.body, IsEmpty());
}

TEST_F(FileHandlerTest, ErrorsAreTextOrJson) {
  Serve();
  EXPECT_EQ(Get("/nothing").body, "404 Not Found: there is no such file\n");
  EXPECT_EQ(Get("/nothing", {"Accept: application/json"}).body,
            "{\"status\":404,\"title\":\"Not Found\",\"detail\":\"there is no "
            "such file\"}\n");
  EXPECT_EQ(Get("/bare/").body, "403 Forbidden: this may not be read\n");
}

TEST_F(FileHandlerTest, Rfc9110_14_Ranges) {
  Serve();
  struct Case {
    std::string range;
    int status;
    std::string content_range;
    std::string_view body;
  };
  for (const auto& [range, status, content_range, body] : std::vector<Case>{
           {"bytes=0-4", 206, "bytes 0-4/20", "01234"},
           {"bytes=19-", 206, "bytes 19-19/20", "j"},
           {"bytes=-3", 206, "bytes 17-19/20", "hij"},
           {"bytes=-1000", 206, "bytes 0-19/20", kContent},
           {"bytes=20-", 416, "bytes */20", ""},
           {"bytes=-0", 416, "bytes */20", ""},
           {"bytes=5-4", 200, "none", kContent},
           {"lines=0-1", 200, "none", kContent},
       }) {
    const FileReply reply = Get("/a.txt", {"Range: " + range});
    EXPECT_EQ(reply.status, status) << range;
    EXPECT_EQ(reply.Field("Content-Range"), content_range) << range;
    if (status != 416) {
      EXPECT_EQ(reply.body, body) << range;
    }
  }
}

TEST_F(FileHandlerTest, Rfc9110_14_6_SeveralRanges) {
  Serve();
  const FileReply reply = Get("/a.txt", {"Range: bytes=0-1,-2"});
  EXPECT_EQ(reply.status, 206);
  const std::string type = reply.Field("Content-Type");
  const std::string begin = "multipart/byteranges; boundary=";
  ASSERT_THAT(type, StartsWith(begin));
  const std::string boundary = "--" + type.substr(begin.size());
  const std::string part = boundary + "\r\nContent-Type: text/plain\r\n";
  EXPECT_EQ(reply.body, part + "Content-Range: bytes 0-1/20\r\n\r\n01\r\n" +
                            part + "Content-Range: bytes 18-19/20\r\n\r\nij" +
                            "\r\n" + boundary + "--\r\n");
}

TEST_F(FileHandlerTest, Rfc9110_13_1_Conditions) {
  Serve();
  const std::string tag = Get("/a.txt").Field("ETag");
  const std::string date(kModified);
  struct Case {
    std::vector<std::string> fields;
    int status;
  };
  for (const auto& [fields, status] : std::vector<Case>{
           {{"If-None-Match: " + tag}, 304},
           {{"If-None-Match: \"x\", W/" + tag}, 304},
           {{"If-None-Match: *"}, 304},
           {{"If-None-Match: \"x\""}, 200},
           {{"If-None-Match: \"x\"", "If-Modified-Since: " + date}, 200},
           {{"If-Modified-Since: " + date}, 304},
           {{"If-Modified-Since: Tue, 14 Nov 2023 22:13:19 GMT"}, 200},
           {{"If-Modified-Since: yesterday"}, 200},
           {{"If-Match: " + tag}, 200},
           {{"If-Match: \"x\""}, 412},
           {{"If-Unmodified-Since: " + date}, 200},
           {{"If-Unmodified-Since: Tue, 14 Nov 2023 22:13:19 GMT"}, 412},
           {{"Range: bytes=0-1", "If-Range: " + tag}, 206},
           {{"Range: bytes=0-1", "If-Range: " + date}, 206},
           {{"Range: bytes=0-1", "If-Range: \"x\""}, 200},
           {{"Range: bytes=0-1", "If-Range: W/" + tag}, 200},
           {{"Range: bytes=20-", "If-None-Match: " + tag}, 304},
       }) {
    const FileReply reply = Get("/a.txt", fields);
    EXPECT_EQ(reply.status, status) << fields.back();
    if (status == 304) {
      EXPECT_EQ(reply.Field("ETag"), tag) << fields.back();
      EXPECT_THAT(reply.body, IsEmpty());
    }
  }
}

TEST_F(FileHandlerTest, Rfc9110_9_3_2_HeadIsAsGetWithoutABody) {
  Serve({.list_directories = true});
  temp_.Write("large.txt", std::string(100'000, 'x'));
  for (const std::string_view path :
       {"/a.txt", "/large.txt", "/folder/", "/bare/", "/nothing", "/folder"}) {
    const FileReply get = Get(path);
    const FileReply head = Ask("HEAD", path);
    EXPECT_EQ(head.status, get.status) << path;
    for (const std::string_view name :
         {"Content-Length", "Content-Type", "ETag", "Location"}) {
      EXPECT_EQ(head.Field(name), get.Field(name)) << path << " " << name;
    }
  }
}

TEST_F(FileHandlerTest, Rfc9110_15_5_6_OtherMethodsAreNotAllowed) {
  Serve();
  for (const std::string_view path : {"/a.txt", "/nothing"}) {
    const FileReply reply = Ask("POST", path, {"Content-Length: 0"});
    EXPECT_EQ(reply.status, 405) << path;
    EXPECT_EQ(reply.Field("Allow"), "GET, HEAD") << path;
  }
}

TEST_F(FileHandlerTest, Rfc9110_15_5_6_AlsoWhereTheRouteHasAll) {
  Router router;
  router.Add(Router::kAnyMethod, "/{path...}",
             FilesOf(temp_.root(), {.list_directories = true}));
  ServeBy(std::move(router));
  for (const std::string_view path : {"/a.txt", "/folder", "/bare/"}) {
    const FileReply reply = Ask("DELETE", path);
    EXPECT_EQ(reply.status, 405) << path;
    EXPECT_EQ(reply.Field("Allow"), "GET, HEAD") << path;
  }
}

TEST_F(FileHandlerTest, Rfc9110_12_5_3_CompressedFiles) {
  temp_.Write("a.txt.gz", "compressed");
  Serve({.precompressed = true});
  const FileReply gzip = Get("/a.txt", {"Accept-Encoding: gzip"});
  EXPECT_EQ(gzip.body, "compressed");
  EXPECT_EQ(gzip.Field("Content-Encoding"), "gzip");
  EXPECT_EQ(gzip.Field("Content-Type"), "text/plain");
  EXPECT_EQ(gzip.Field("Vary"), "Accept-Encoding");
  const FileReply plain = Get("/a.txt");
  EXPECT_EQ(plain.body, kContent);
  EXPECT_EQ(plain.Field("Content-Encoding"), "none");
  EXPECT_EQ(plain.Field("Vary"), "Accept-Encoding");
  EXPECT_NE(plain.Field("ETag"), gzip.Field("ETag"));
  const FileReply none = Get("/a.txt", {"Accept-Encoding: identity;q=0"});
  EXPECT_EQ(none.status, 406);
  EXPECT_EQ(none.Field("Vary"), "Accept-Encoding");
}

TEST_F(FileHandlerTest, Rfc9110_8_8_2_1_LastModifiedIsNotLaterThanDate) {
  temp_.Write("a.txt", kContent, absl::Now() + absl::Hours(1));
  Router router;
  const FileHandler files = FilesOf(temp_.root());
  router.Add("GET", "/now/{path...}", FilesOf(temp_.Path("folder")));
  router.Add("GET", "/{path...}",
             [files](const HttpRequest& request, ResponseWriter& writer) {
               // In a turn that goes on into the next second.
               const int64_t second = absl::ToUnixSeconds(absl::Now());
               while (absl::ToUnixSeconds(absl::Now()) == second) {
               }
               files(request, writer);
             });
  ServeBy(std::move(router));
  LoopbackClient client = Connect();
  ASSERT_TRUE(
      client.Send(FileRequest("GET", "/now/") + FileRequest("GET", "/a.txt")));
  ReadReply(client);  // has made the loop's Date
  const FileReply reply = ReadReply(client);
  EXPECT_EQ(reply.Field("Last-Modified"), reply.Field("Date"));
}

TEST_F(FileHandlerTest, Rfc9110_15_6_1_AFileThatIsShorterThanItSays) {
  // As files of the kernel's are.
  const std::string root = "/sys/devices/system/cpu";
  std::error_code ignored;
  if (std::filesystem::file_size(root + "/online", ignored) != 4'096) {
    GTEST_SKIP() << "there is none";
  }
  Router router;
  router.Add("GET", "/{path...}", FilesOf(root));
  ServeBy(std::move(router));
  for (const char* const range : {"bytes=0-", "bytes=4000-4001", "none"}) {
    const FileReply reply = Get("/online", {std::string("Range: ") + range});
    EXPECT_EQ(reply.status, 500) << range;
    for (const std::string_view name :
         {"ETag", "Last-Modified", "Accept-Ranges", "Content-Range"}) {
      EXPECT_EQ(reply.Field(name), "none") << range << " " << name;
    }
  }
}

TEST_F(FileHandlerTest, FoldersAreShownIfSaidSo) {
  Serve({.list_directories = true});
  const FileReply reply = Get("/bare/");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Field("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(reply.body, HasSubstr("href=\"x.txt\""));
  EXPECT_THAT(Get("/").body,
              AllOf(HasSubstr("href=\"a.txt\""), Not(HasSubstr("secret"))));
}

TEST_F(FileHandlerTest, Rfc9110_15_6_4_NoDescriptorIsLeft) {
  Serve();
  LoopbackClient client = Connect();
  ASSERT_TRUE(client.Send(FileRequest("GET", "/a.txt")));
  ASSERT_EQ(ReadReply(client).status, 200);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit standard_streams_only = {3, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &standard_streams_only), 0);
  EXPECT_TRUE(client.Send(FileRequest("GET", "/a.txt")));
  EXPECT_EQ(ReadReply(client).status, 503);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(client.Send(FileRequest("GET", "/a.txt")));
  EXPECT_EQ(ReadReply(client).status, 200);
}

}  // namespace
}  // namespace rondo
