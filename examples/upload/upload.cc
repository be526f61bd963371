// Upload: takes a body of any size into a file and answers its SHA-256.
//
//   bazel run -c opt //examples/upload -- --port=8080 --directory=/tmp
//   curl -T big.iso http://127.0.0.1:8080/       prints what sha256sum does
//
// A thread pool hashes and writes each piece before the next is read: the loop
// never waits for the disk, and one piece is all that is held. What does not
// come whole leaves no file, unless the server is ended by force. So many may
// come at a time as have room in the pool's queue (--worker_queue_limit): one
// more is told 503 before its body is read, and none in the middle of it.
#include <gflags/gflags.h>

#include <memory>

#include "base/init.h"
#include "examples/http_main.h"
#include "examples/upload/pooled_file.h"
#include "examples/upload/received_file.h"
#include "examples/upload/upload_refusal.h"
#include "net/http/http_request.h"
#include "net/http/response_writer.h"

DEFINE_string(directory, ".", "where the files go");
DEFINE_uint64(max_upload_bytes, UINT64_MAX, "of one file (413)");

namespace {

using rondo::HttpRequest, rondo::HttpStatus, rondo::ResponseWriter;
using rondo::Router, rondo::ThreadPool;
using rondo::examples::PooledFile, rondo::examples::ReceivedFile;

void Receive(ThreadPool& pool, const HttpRequest& request, ResponseWriter& to) {
  const auto refusal = rondo::examples::FindRefusal(request);
  if (refusal.has_value()) {
    return to.SendError(refusal->status, refusal->reason);
  }
  const auto file =
      PooledFile::Make(pool,
                       std::make_unique<ReceivedFile>(
                           FLAGS_directory, *request.parameter("name")),
                       to);
  if (file == nullptr) {
    return to.SendError(HttpStatus::kServiceUnavailable, "too many uploads");
  }
  to.ReadBody(PooledFile::Reader(file));
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
