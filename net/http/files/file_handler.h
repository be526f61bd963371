#ifndef RONDO_NET_HTTP_FILES_FILE_HANDLER_H_
#define RONDO_NET_HTTP_FILES_FILE_HANDLER_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "net/http/files/file_finder.h"
#include "net/http/http_request.h"
#include "net/http/response_writer.h"

namespace rondo {

// Answers GET and HEAD with files: the handler of a route that ends in the rest
// of the path.
//
// What it looks for is the path as it came, without its first segments, and not
// the route's parameter: that is decoded, and has lost which of its slashes
// were %2F. FileFinder decodes a path itself, once.
//
//   status                    see
//   200 301 403 404 406 503   FileFinder; /static without its slash at the end
//                             is no path of "/static/{path...}"
//   200 206 304 405 412 416   FileAnswer
//   500                       a file that cannot be read, is shorter than it
//                             was a moment ago, or has changed while the
//                             client's earlier requests were being answered;
//                             404 or 403 if it cannot be opened any more then
//
// Small answers are read and leave in one write, with their head. Others are
// sent from the file as the client takes them. One of these that gets shorter
// meanwhile ends in a reset, as its length has been promised.
//
// Threading: Thread-safe. Opening files, reading small ones and looking at
// folders wait for a slow disk, on the connection's loop.
// Ownership and lifetime: a copyable value; shares the finder.
// Errors: are answers. A large file has a descriptor open from its turn until
// it has been sent: one for each connection. When none is left, the answer is
// 503.
//
// Example:
//   auto finder = FileFinder::Create("/srv/www", {}, *std::move(types));
//   if (!finder.ok()) return finder.status();
//   router.Add("GET", "/static/{path...}",
//              FileHandler(std::make_shared<const FileFinder>(
//                              *std::move(finder)), "/static"));
class FileHandler {
 public:
  // Up to this an answer is read: to copy it costs less than another system
  // call, and all that a client may pipeline can wait behind a slow answer.
  static constexpr size_t kMaxReadBytes = 8 * 1'024;

  // `place` is what the route's pattern has before "/{path...}", as it has it.
  // Requires: `place` is empty, or begins with a slash and ends with none.
  explicit FileHandler(std::shared_ptr<const FileFinder> finder,
                       std::string_view place = "");

  void operator()(const HttpRequest& request, ResponseWriter& writer) const;

 private:
  std::shared_ptr<const FileFinder> finder_;
  size_t place_segments_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_FILE_HANDLER_H_
