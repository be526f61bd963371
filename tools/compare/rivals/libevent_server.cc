// libevent: one event_base, a bufferevent for each connection.
//
//   bazel run -c opt //tools/compare/rivals:libevent_server
//   ab -n 10000 -c 10 http://127.0.0.1:8080/
//
// As well as bufferevents go: no locks, interest changes merged before each
// wait (EPOLL_USE_CHANGELIST), memory moved from input to output where it is
// echoed. They write in the loop's next turn, when epoll says that there is
// room, and ask how much there is to read before they read it, 4 KiB at most.
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <sys/socket.h>

#include <cerrno>

#include "tools/compare/rivals/rival.h"

namespace rondo::rivals {
namespace {

constexpr size_t kMaxUnsentBytes = 256 * 1024;

Flags flags;
event_base* base = nullptr;

Conversation& Of(void* data) { return *static_cast<Conversation*>(data); }

void Close(bufferevent* events, void* data) {
  bufferevent_free(events);
  delete &Of(data);
}

void OnRead(bufferevent* events, void* data) {
  evbuffer* const input = bufferevent_get_input(events);
  evbuffer* const output = bufferevent_get_output(events);
  const size_t bytes = evbuffer_get_length(input);
  auto* const begin = reinterpret_cast<char*>(evbuffer_pullup(input, -1));
  const auto answer = Of(data).Answer(begin, bytes);
  if (answer.data() == begin) {
    evbuffer_add_buffer(output, input);
  } else {
    evbuffer_add(output, answer.data(), answer.size());
    evbuffer_drain(input, bytes);
  }
  if (evbuffer_get_length(output) >= kMaxUnsentBytes) {
    bufferevent_disable(events, EV_READ);
  }
}

// All output has been sent.
void OnWritten(bufferevent* events, void* data) {
  const Conversation::Next next = Of(data).next();
  if (next == Conversation::Next::kClose) return Close(events, data);
  if (next == Conversation::Next::kLinger) {
    shutdown(bufferevent_getfd(events), SHUT_WR);
  }
  if (bufferevent_get_enabled(events) & EV_READ) return;
  bufferevent_enable(events, EV_READ);
}

// Of reading, which is disabled by then: OnWritten() enables it and has the end
// reported once more.
void OnEnd(bufferevent* events, short what, void* data) {
  const evbuffer* const output = bufferevent_get_output(events);
  if (what & BEV_EVENT_EOF && evbuffer_get_length(output) > 0) return;
  Close(events, data);
}

void OnAccept(evconnlistener*, int fd, sockaddr*, int, void*) {
  bufferevent* const events =
      bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
  bufferevent_set_max_single_read(events, kReadBytes);
  bufferevent_setcb(events, OnRead, OnWritten, OnEnd,
                    new Conversation(flags.protocol));
  bufferevent_enable(events, EV_READ | EV_WRITE);
}

void OnAcceptFailed(evconnlistener* listener, void* spare) {
  if (errno != EMFILE && errno != ENFILE) return;
  static_cast<SpareDescriptor*>(spare)->DropConnection(
      evconnlistener_get_fd(listener));
}

void Serve() {
  event_config* const config = event_config_new();
  event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
  event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
  base = event_base_new_with_config(config);
  event_config_free(config);
  static SpareDescriptor spare;
  evconnlistener* const listener = evconnlistener_new(
      base, OnAccept, &spare, 0, 0, Listen("libevent_server", flags));
  evconnlistener_set_error_cb(listener, OnAcceptFailed);
  event_base_dispatch(base);
}

}  // namespace
}  // namespace rondo::rivals

int main(int argc, char** argv) {
  using rondo::rivals::flags;
  flags = rondo::rivals::ParseFlags(argc, argv, "a server on libevent");
  rondo::rivals::Serve();
}
