#include "net/client/dns_channel.h"

#include <ares.h>
#include <glog/logging.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "net/reactor/channel.h"
#include "net/reactor/event_loop.h"

namespace rondo {
namespace {

// Once in a process, for ever: threads that the library knows nothing of may
// be using it when main() returns.
int InitLibrary() {
  static const int status = ares_library_init(ARES_LIB_INIT_ALL);
  return status;
}

absl::Status Failed(std::string_view what, int status) {
  return absl::UnavailableError(absl::StrCat(
      "c-ares cannot ", std::string(what), ": ", ares_strerror(status)));
}

std::string ToCsv(const std::vector<InetAddress>& servers) {
  return absl::StrJoin(servers, ",",
                       [](std::string* out, const InetAddress& server) {
                         out->append(server.ToString());
                       });
}

absl::Status ToStatus(int status, const Question& question) {
  const std::string& name = question.name;
  switch (status) {
    case ARES_ENOTFOUND:
      return absl::NotFoundError(
          absl::StrCat("no such host: ", name, " (NXDOMAIN)"));
    case ARES_ENODATA:
      return absl::NotFoundError(
          absl::StrCat("no IPv", question.family == AF_INET ? "4" : "6",
                       " address: ", name, " (NODATA)"));
    case ARES_ETIMEOUT:
      return absl::DeadlineExceededError(absl::StrCat(
          "no answer in time: ", name, " (the DNS servers are silent)"));
    case ARES_ECONNREFUSED:
      // What c-ares 1.18 makes of SERVFAIL, NOTIMP and REFUSED as well, once
      // every server has been tried.
      return absl::UnavailableError(
          absl::StrCat("cannot look up ", name,
                       " (the DNS servers cannot be reached, refuse or fail)"));
    case ARES_EBADNAME:
      return absl::InvalidArgumentError(
          absl::StrCat("not a host name: ", name));
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
      return absl::CancelledError(absl::StrCat("not looked up: ", name));
    default:
      return absl::UnavailableError(absl::StrCat("cannot look up ", name, " (",
                                                 ares_strerror(status), ")"));
  }
}

// The addresses, and the shortest life among them and the aliases on the way.
// c-ares says 0 seconds of what it found in /etc/hosts: that is read anew each
// time, and a change of it is seen at once.
DnsChannel::Reply ToReply(const ares_addrinfo& result,
                          const Question& question) {
  std::vector<InetAddress> addresses;
  int ttl = std::numeric_limits<int>::max();
  for (auto node = result.nodes; node != nullptr; node = node->ai_next) {
    if (node->ai_family != question.family) continue;
    auto address = InetAddress::FromSockaddr(node->ai_addr, node->ai_addrlen);
    if (!address.ok()) continue;
    addresses.push_back(address->WithPort(0));
    ttl = std::min(ttl, node->ai_ttl);
  }
  if (addresses.empty()) return {ToStatus(ARES_ENODATA, question), {}};
  for (auto alias = result.cnames; alias != nullptr; alias = alias->next) {
    ttl = std::min(ttl, alias->ttl);
  }
  // One of 2^31 or more means 0 (RFC 2181 section 8), and is negative here.
  return {std::move(addresses), absl::Seconds(std::max(ttl, 0))};
}

}  // namespace

struct DnsChannel::Query {
  DnsChannel* channel;
  Question question;
  Done done;
  Reply reply;
};

absl::StatusOr<std::unique_ptr<DnsChannel>> DnsChannel::Create(
    EventLoop* loop, const DnsChannelOptions& options) {
  const int status = InitLibrary();
  if (status != ARES_SUCCESS) return Failed("begin", status);
  std::unique_ptr<DnsChannel> channel(new DnsChannel(loop));
  const absl::Status made = channel->Init(options);
  if (!made.ok()) return made;
  return channel;
}

DnsChannel::DnsChannel(EventLoop* loop) : loop_(loop) {}

absl::Status DnsChannel::Init(const DnsChannelOptions& options) {
  ares_options o = {};
  char files_then_dns[] = "fb";
  o.lookups = files_then_dns;
  o.flags = ARES_FLAG_NOALIASES;
  o.timeout = static_cast<int>(absl::ToInt64Milliseconds(
      std::clamp(options.try_timeout, absl::Milliseconds(1), kMaxTryTimeout)));
  o.tries = std::clamp(options.tries, 1, kMaxTries);
  o.sock_state_cb = OnSocketState;
  o.sock_state_cb_data = this;
  std::string resolv_conf = options.resolv_conf;
  o.resolvconf_path = resolv_conf.data();
  // ARES_OPT_DOMAINS, with none: a name is complete with or without its dot.
  const int status =
      ares_init_options(&channel_, &o,
                        ARES_OPT_FLAGS | ARES_OPT_LOOKUPS | ARES_OPT_DOMAINS |
                            ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                            ARES_OPT_SOCK_STATE_CB | ARES_OPT_RESOLVCONF);
  if (status != ARES_SUCCESS) {
    channel_ = nullptr;
    return Failed("read the DNS configuration", status);
  }
  if (options.servers.empty()) return absl::OkStatus();
  const std::string servers = ToCsv(options.servers);
  const int set = ares_set_servers_ports_csv(channel_, servers.c_str());
  if (set == ARES_SUCCESS) return absl::OkStatus();
  return Failed(absl::StrCat("use the DNS servers ", servers), set);
}

DnsChannel::~DnsChannel() {
  DCHECK(!settling_);
  loop_->Cancel(timer_);
  if (channel_ == nullptr) return;
  // ares_destroy() by itself may ask again for what it ends, on a channel that
  // is going (c-ares issue 532, repaired in 1.20).
  ares_cancel(channel_);
  ares_destroy(channel_);
  DCHECK(sockets_.empty());
}

void DnsChannel::Ask(const Question& question, Done done) {
  DCHECK(!full());
  ares_addrinfo_hints hints = {};
  hints.ai_family = question.family;
  hints.ai_socktype = SOCK_STREAM;
  auto query = std::make_unique<Query>();
  query->channel = this;
  query->question = question;
  query->done = std::move(done);
  ++open_;
  ares_getaddrinfo(channel_, question.name.c_str(), /*service=*/nullptr, &hints,
                   OnReply, query.release());  // OnReply() takes it back
  Settle();
}

void DnsChannel::OnReply(void* data, int status, int /*timeouts*/,
                         ares_addrinfo* result) {
  std::unique_ptr<Query> query(static_cast<Query*>(data));
  query->reply = status == ARES_SUCCESS
                     ? ToReply(*result, query->question)
                     : Reply{ToStatus(status, query->question), {}};
  if (result != nullptr) ares_freeaddrinfo(result);
  DnsChannel& self = *query->channel;
  --self.open_;
  self.replied_.push_back(std::move(query));
}

void DnsChannel::OnSocketState(void* data, int fd, int readable, int writable) {
  DnsChannel& self = *static_cast<DnsChannel*>(data);
  std::unique_ptr<Channel>& channel = self.sockets_[fd];
  if (!readable && !writable) {  // closed next
    if (channel != nullptr) {
      channel->Leave();
      self.loop_->DeferDelete(std::move(channel));  // perhaps its own handler
    }
    self.sockets_.erase(fd);
    return;
  }
  if (channel == nullptr) {
    channel =
        std::make_unique<Channel>(self.loop_, fd, [&self, fd](IoEvents events) {
          const bool write_only = events == IoEvents::kWritable;
          const bool write =
              Any(events, IoEvents::kWritable | IoEvents::kError);
          self.Process(write_only ? ARES_SOCKET_BAD : fd,
                       write ? fd : ARES_SOCKET_BAD);
        });
  }
  channel->SetInterest((readable ? IoEvents::kReadable : IoEvents::kNone) |
                       (writable ? IoEvents::kWritable : IoEvents::kNone));
}

void DnsChannel::Process(int read_fd, int write_fd) {
  ares_process_fd(channel_, read_fd, write_fd);
  Settle();
}

void DnsChannel::Settle() {
  if (settling_) return;  // an answer asks again; the loop below goes on
  settling_ = true;
  while (!replied_.empty()) {
    for (const auto& query : std::exchange(replied_, {})) {
      query->done(std::move(query->reply));
    }
  }
  settling_ = false;
  ArmTimer();
}

void DnsChannel::ArmTimer() {
  loop_->Cancel(timer_);
  timer_ = {};
  timeval wait;
  if (ares_timeout(channel_, /*maxtv=*/nullptr, &wait) == nullptr) return;
  // c-ares rounds down to milliseconds, and would be asked in vain.
  constexpr absl::Duration kRounding = absl::Milliseconds(1);
  timer_ = loop_->RunAfter(absl::DurationFromTimeval(wait) + kRounding, [this] {
    Process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  });
}

}  // namespace rondo
