#ifndef RONDO_EXAMPLES_HTTP_MAIN_H_
#define RONDO_EXAMPLES_HTTP_MAIN_H_

#include <string_view>

#include "absl/functional/function_ref.h"
#include "base/thread_pool.h"
#include "net/http/router.h"

namespace rondo::examples {

// ServeUntilSignal() for what speaks HTTP, with its limits of http_flags.cc:
// --max_input_bytes is, unless it is given, what --max_body_bytes needs.
int ServeHttpUntilSignal(std::string_view name, Router router);

// The same for a server that offloads work.
int ServeHttpUntilSignal(std::string_view name,
                         absl::FunctionRef<Router(ThreadPool&)> make_router);

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_HTTP_MAIN_H_
