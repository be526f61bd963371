#ifndef RONDO_EXAMPLES_HTTP_FLAGS_H_
#define RONDO_EXAMPLES_HTTP_FLAGS_H_

#include "net/http/http_options.h"

namespace rondo::examples {

// The limits that all HTTP examples share; http_flags.cc explains their flags.
// A value that makes no sense ends the program with kExitBadFlags.
HttpOptions HttpOptionsFromFlags();

// Opens --access_log, if it is given; what writes it has a thread. A file that
// cannot be opened ends the program with kExitBadFlags, too.
void OpenAccessLogFromFlags(HttpOptions& options);

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_HTTP_FLAGS_H_
