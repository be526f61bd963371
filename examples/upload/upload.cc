// Upload: takes a body of any size into a file and answers its SHA-256.
//
//   bazel run -c opt //examples/upload -- --port=8080 --directory=/tmp
//   curl -T big.iso http://127.0.0.1:8080/       prints what sha256sum does
//
// A thread pool hashes and writes each piece before the next is read: the loop
// never waits for the disk, and one piece is all that is held. What does not
// come whole leaves no file.
#include <gflags/gflags.h>
#include <glog/logging.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/init.h"
#include "examples/http_main.h"
#include "examples/upload/new_file.h"
#include "examples/upload/sha256.h"
#include "net/http/http_request.h"
#include "net/http/response_writer.h"

DEFINE_string(directory, ".", "where the files go");
DEFINE_uint64(max_upload_bytes, UINT64_MAX, "of one file (413)");

namespace {

using rondo::HttpRequest, rondo::HttpStatus, rondo::ResponseWriter;
using rondo::Router, rondo::ThreadPool;

// A file on its way. Threading: the pool's, one call after the other.
class Upload {
 public:
  Upload(std::string_view name, rondo::DeferredResponse answer)
      : name_(name), answer_(std::move(answer)), file_(FLAGS_directory, name) {}

  void Take(std::string_view piece) {
    hash_.Add(piece);
    if (!file_.Append(piece)) return Fail();
    answer_.Run([](ResponseWriter* writer) {
      if (writer != nullptr) writer->ResumeBody();
    });
  }

  void Finish() {
    if (!file_.Finish()) return Fail();
    answer_.Send({.status = HttpStatus::kCreated,
                  .body = absl::StrCat(hash_.Finish(), "  ", name_, "\n")});
  }

 private:
  void Fail() {
    PLOG(ERROR) << "cannot write " << name_ << " in " << FLAGS_directory;
    answer_.Send({.status = HttpStatus::kInternalServerError,
                  .body = "the file cannot be written\n"});
  }

  const std::string name_;
  const rondo::DeferredResponse answer_;
  rondo::examples::NewFile file_;
  rondo::examples::Sha256 hash_;
};

void Receive(ThreadPool& pool, const HttpRequest& request, ResponseWriter& to) {
  const std::string name(*request.parameter("name"));
  if (name[0] == '.' ||
      name.find_first_of(std::string{'/', '\0'}) != name.npos) {
    return to.SendError(HttpStatus::kForbidden, "no file may have that name");
  }
  const auto upload = std::make_shared<Upload>(name, to.Defer());
  const auto submit = [&pool](ResponseWriter& writer, ThreadPool::Task step) {
    using enum ThreadPool::SubmitResult;
    if (pool.Submit(std::move(step)) == kAccepted) return;
    writer.SendError(HttpStatus::kServiceUnavailable, "too many uploads");
  };
  const auto on_data = [upload, submit](ResponseWriter& writer,
                                        std::string_view piece) {
    writer.PauseBody();
    submit(writer, [upload, own = std::string(piece)] { upload->Take(own); });
  };
  const auto on_end = [upload, submit](ResponseWriter& writer,
                                       const rondo::HttpTrailers&) {
    submit(writer, [upload] { upload->Finish(); });
  };
  to.ReadBody({.on_data = on_data, .on_end = on_end});
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "upload: writes and hashes what is sent.");
  return rondo::examples::ServeHttpUntilSignal("upload", [](ThreadPool& pool) {
    Router router;
    router.Add("PUT", "/{name}",
               [&pool](const HttpRequest& request, ResponseWriter& writer) {
                 Receive(pool, request, writer);
               },
               {.max_body_bytes = FLAGS_max_upload_bytes, .stream_body = true});
    return router;
  });
}
