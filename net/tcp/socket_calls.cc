#include "net/tcp/socket_calls.h"

#ifndef NDEBUG
#include <atomic>
#endif

namespace rondo {

#ifdef NDEBUG

ScopedSocketCalls::ScopedSocketCalls(SocketCalls* calls) : before_(calls) {}
ScopedSocketCalls::~ScopedSocketCalls() = default;

#else

namespace {

constinit KernelSocketCalls kernel;
constinit std::atomic<SocketCalls*> current{&kernel};

}  // namespace

SocketCalls& CurrentSocketCalls() {
  // Pairs with the exchange below: what a test has set up, all threads see.
  return *current.load(std::memory_order_acquire);
}

ScopedSocketCalls::ScopedSocketCalls(SocketCalls* calls)
    : before_(current.exchange(calls, std::memory_order_acq_rel)) {}

ScopedSocketCalls::~ScopedSocketCalls() {
  current.store(before_, std::memory_order_release);
}

#endif

}  // namespace rondo
