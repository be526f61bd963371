#include "examples/http_main.h"

#include <gflags/gflags.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "examples/http_flags.h"
#include "examples/server_main.h"
#include "net/http/http_callbacks.h"
#include "net/http/http_service.h"

namespace rondo::examples {

int ServeHttpUntilSignal(std::string_view name, Router router) {
  const HttpOptions options = HttpOptionsFromFlags();
  gflags::SetCommandLineOptionWithMode(
      "max_input_bytes",
      absl::StrCat(options.limits.NeededInputBytes()).c_str(),
      gflags::SET_FLAG_IF_DEFAULT);
  return ServeUntilSignal(name,
                          HttpCallbacks(std::make_shared<const HttpService>(
                              HttpService{std::move(router), options})));
}

}  // namespace rondo::examples
