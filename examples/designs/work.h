#ifndef RONDO_EXAMPLES_DESIGNS_WORK_H_
#define RONDO_EXAMPLES_DESIGNS_WORK_H_

#include <cstddef>

namespace rondo::examples {

// A worker's work between reading and sending. Both protocols have next to
// none; --work_us_per_kib makes it take long, so that what happens meanwhile
// shows. Thread-safe.
void Work(size_t bytes);

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_DESIGNS_WORK_H_
