#ifndef RONDO_TOOLS_COMPARE_RIVALS_ASIO_LISTENER_H_
#define RONDO_TOOLS_COMPARE_RIVALS_ASIO_LISTENER_H_

// Before Asio: version 1.22 asks the standard library's macros what that has,
// and must get the same answer in all files (its aligned_alloc).
#include <cstddef>

// And now Asio.
#include <asio/basic_socket_acceptor.hpp>
#include <asio/basic_stream_socket.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <functional>

#include "tools/compare/rivals/rival.h"

namespace rondo::rivals {

using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

// Read at a time: each connection has a block of its own, which is its memory.
inline constexpr size_t kSessionBytes = 16 * 1024;

// What the two servers on Asio share: accepts connections, which `start` takes
// over, and runs them on one io_context, without end.
void Serve(const char* name, const Flags& flags,
           std::function<void(Socket)> start);

}  // namespace rondo::rivals

#endif  // RONDO_TOOLS_COMPARE_RIVALS_ASIO_LISTENER_H_
