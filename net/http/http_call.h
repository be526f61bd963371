#ifndef RONDO_NET_HTTP_HTTP_CALL_H_
#define RONDO_NET_HTTP_HTTP_CALL_H_

#include <glog/logging.h>

#include <exception>

namespace rondo {

// Calls what the user gave; false, and logged, if it throws.
template <typename F>
bool CallUser(F f) {
  try {
    f();
    return true;
  } catch (const std::exception& e) {
    LOG(ERROR) << "an HTTP handler has thrown: " << e.what();
  } catch (...) {
    LOG(ERROR) << "an HTTP handler has thrown what is no std::exception";
  }
  return false;
}

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_CALL_H_
