#include "examples/http_main.h"

#include <gflags/gflags.h>

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "examples/http_flags.h"
#include "examples/server_main.h"
#include "net/http/http_callbacks.h"
#include "net/http/http_service.h"

namespace rondo::examples {
namespace {

// From the flags, of which another depends on them and on the routes, as far as
// these are known.
HttpOptions TakeOptions(const Router& router) {
  const HttpOptions options = HttpOptionsFromFlags();
  gflags::SetCommandLineOptionWithMode(
      "max_input_bytes",
      absl::StrCat(NeededInputBytes(router, options.limits)).c_str(),
      gflags::SET_FLAG_IF_DEFAULT);
  return options;
}

absl::StatusOr<ServerParts> MakeParts(Router router, HttpOptions options) {
  const absl::Status status = options.Check();
  if (!status.ok()) return status;
  OpenAccessLogFromFlags(options);
  const auto service =
      std::make_shared<const HttpService>(std::move(router), options);
  return ServerParts{.callbacks = HttpCallbacks(service),
                     .on_hangup = [log = options.access_log] {
                       if (log != nullptr) log->Reopen();
                     }};
}

}  // namespace

int ServeHttpUntilSignal(std::string_view name, Router router) {
  const HttpOptions options = TakeOptions(router);
  return ServeUntilSignal(
      name, [&] { return MakeParts(std::move(router), options); });
}

int ServeHttpUntilSignal(std::string_view name,
                         absl::FunctionRef<Router(ThreadPool&)> make_router) {
  const HttpOptions options = TakeOptions(Router());
  return ServeUntilSignal(name, [&](ThreadPool& pool) {
    return MakeParts(make_router(pool), options);
  });
}

}  // namespace rondo::examples
