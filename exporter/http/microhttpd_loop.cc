#include "exporter/http/microhttpd_loop.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <exception>
#include <system_error>
#include <utility>

#include "collectors/deadline.h"
#include "exporter/http/request_target.h"

namespace headroom {
namespace {

// Long enough for file descriptors to become free, short enough for nobody to notice.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

using Log = std::function<void(std::string_view)>;

[[gnu::format(printf, 2, 0)]] void LogFromLibrary(void* log, const char* format, va_list values) {
  const Log& to = *static_cast<const Log*>(log);
  if (!to) return;
  std::array<char, 512> text{};
  static_cast<void>(std::vsnprintf(text.data(), text.size(), format, values));
  try {
    to(OneLine(text.data()));
  } catch (const std::exception&) {
    return;  // a log line is not worth a connection
  }
}

int SocketOf(MHD_Connection* connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

unsigned WholeSeconds(std::chrono::milliseconds timeout) {
  return static_cast<unsigned>(
      std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(timeout).count()));
}

// Refuse what two parsers could read differently (RFC 9112, section 11).
#if MHD_VERSION >= 0x00097701
constexpr MHD_OPTION kStrictness = MHD_OPTION_CLIENT_DISCIPLINE_LVL;
#else
constexpr MHD_OPTION kStrictness = MHD_OPTION_STRICT_FOR_CLIENT;
#endif

}  // namespace

MicrohttpdLoop::MicrohttpdLoop(std::vector<Listener> listeners, const HttpServerOptions& options,
                               HttpHandler handler, const Clock& clock)
    : clock_(clock),
      max_connections_(options.max_connections),
      log_(options.log),
      listeners_(std::move(listeners)),
      requests_(std::move(handler), options.log, options.max_header_bytes),
      senders_(options.request_timeout),
      receivers_(options.response_timeout) {}

MicrohttpdLoop::~MicrohttpdLoop() {
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
  if (epoll_ >= 0) ::close(epoll_);
}

Result<std::unique_ptr<MicrohttpdLoop>> MicrohttpdLoop::Create(std::vector<Listener> listeners,
                                                               const HttpServerOptions& options,
                                                               HttpHandler handler,
                                                               const Clock& clock) {
  std::unique_ptr<MicrohttpdLoop> loop(
      new MicrohttpdLoop(std::move(listeners), options, std::move(handler), clock));
  if (auto started = loop->StartDaemon(options); !started) return std::move(started).error();
  return loop;
}

Status MicrohttpdLoop::StartDaemon(const HttpServerOptions& options) {
  // Room for the library's own notes on a head of the greatest size, and for our response's head.
  const std::size_t memory = options.max_header_bytes + std::size_t{8} * 1024;
  daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
      nullptr, nullptr, &OnStep, this,                                                  //
      MHD_OPTION_EXTERNAL_LOGGER, &LogFromLibrary, const_cast<Log*>(&log_),             // first
      MHD_OPTION_URI_LOG_CALLBACK, &OnRequestLine, this,                                //
      MHD_OPTION_NOTIFY_COMPLETED, &OnRequestEnd, this,                                 //
      MHD_OPTION_NOTIFY_CONNECTION, &OnConnection, this,                                //
      MHD_OPTION_CONNECTION_LIMIT, static_cast<unsigned>(options.max_connections + 1),  //
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory,                                       //
      MHD_OPTION_CONNECTION_TIMEOUT, WholeSeconds(options.idle_timeout), kStrictness, 1,
      MHD_OPTION_END);
  if (daemon_ == nullptr) return Error{ErrorKind::kInternal, "libmicrohttpd does not start"};
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  const int daemon_epoll = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
  bool good = epoll_ >= 0 && Watch(EPOLL_CTL_ADD, daemon_epoll, Source::kDaemon, EPOLLIN) &&
              Watch(EPOLL_CTL_ADD, requests_.replies()->fd(), Source::kReplies, EPOLLIN);
  for (const Listener& listener : listeners_) {
    good = good && Watch(EPOLL_CTL_ADD, listener.fd(), Source::kListener, EPOLLIN);
  }
  if (good) return Ok{};
  return Error{ErrorKind::kInternal, "epoll: " + std::generic_category().message(errno)};
}

void MicrohttpdLoop::RequestStop(SteadyTime at) {
  {
    const std::lock_guard lock(mutex_);
    if (!stop_at_) stop_at_ = at;
  }
  requests_.replies()->Wake();
}

void MicrohttpdLoop::Run() {
  for (SteadyTime now = clock_.Now(); !Stopped(now); now = clock_.Now()) {
    CutSlowClients(now);
    UpdateListeners(now);
    Wait(WakeAt(now));
    // The first bytes of a request must be seen here before the library reads them. Bytes that come
    // in between are timed from the next byte on, or by idle_timeout if there is none.
    while (HandleEvents()) {
    }
    MHD_run(daemon_);
  }
  Shutdown();
}

bool MicrohttpdLoop::Stopped(SteadyTime now) {
  {
    const std::lock_guard lock(mutex_);
    drain_until_ = stop_at_;
  }
  if (!drain_until_) return false;
  listeners_.clear();
  requests_.Drain();
  return requests_.in_flight() == 0 || now >= *drain_until_;
}

void MicrohttpdLoop::Shutdown() {
  requests_.RefuseAll();
  // The library aborts the process when it is stopped with a connection suspended. The first run
  // makes the resumed ones active again and queues their 503, the second writes what is left of it.
  MHD_run(daemon_);
  MHD_run(daemon_);
  MHD_stop_daemon(std::exchange(daemon_, nullptr));
  requests_.replies()->Close();
}

bool MicrohttpdLoop::Watch(int operation, int fd, Source source, std::uint32_t events) const {
  epoll_event event{};
  event.events = events;
  event.data.u64 = static_cast<std::uint64_t>(source) << 32U | static_cast<std::uint32_t>(fd);
  return ::epoll_ctl(epoll_, operation, fd, &event) == 0;
}

void MicrohttpdLoop::Wait(SteadyTime until) const {
  // Whether something happened or the time came is found out by looking.
  static_cast<void>(Deadline(clock_, until).Poll(epoll_, POLLIN));
}

SteadyTime MicrohttpdLoop::WakeAt(SteadyTime now) const {
  constexpr auto kAtLeastEvery = std::chrono::minutes(1);
  SteadyTime at = now + kAtLeastEvery;
  MHD_UNSIGNED_LONG_LONG library_ms = 0;
  if (MHD_get_timeout(daemon_, &library_ms) == MHD_YES) {
    at = std::min<SteadyTime>(at, now + std::chrono::milliseconds(library_ms));
  }
  at = std::min(at, senders_.Next().value_or(at));
  at = std::min(at, receivers_.Next().value_or(at));
  if (accept_again_ > now) at = std::min(at, accept_again_);
  at = std::min(at, drain_until_.value_or(at));
  return at;
}

bool MicrohttpdLoop::HandleEvents() {
  const std::size_t connections_before = connections_;
  std::array<epoll_event, 64> events{};
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const std::uint64_t tag = events.at(static_cast<std::size_t>(i)).data.u64;
    const int fd = static_cast<int>(tag & 0xffffffffU);
    switch (static_cast<Source>(tag >> 32U)) {
      case Source::kReplies:
        requests_.replies()->ClearWake();
        requests_.DeliverAnswers();
        break;
      case Source::kListener:
        AcceptFrom(fd);
        break;
      case Source::kClient:
        if (!answering_.contains(fd)) senders_.Start(fd, clock_.Now());
        break;
      case Source::kDaemon:
        break;  // MHD_run() comes next in any case
    }
  }
  return connections_ > connections_before;
}

void MicrohttpdLoop::AcceptFrom(int listener) {
  while (connections_ < max_connections_) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    auto* const generic = reinterpret_cast<sockaddr*>(&peer);
    const int fd = ::accept4(listener, generic, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
      // Closes the socket itself when it fails, and logs why.
      static_cast<void>(MHD_add_connection(daemon_, fd, generic, size));
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The connection stays in the queue: without a pause the loop would spin on it.
      accept_again_ = clock_.Now() + kAcceptPause;
      if (log_) log_("cannot accept a connection: " + std::generic_category().message(errno));
    }
    return;  // also on EAGAIN, and after one that was aborted: the next event comes by itself
  }
}

void MicrohttpdLoop::UpdateListeners(SteadyTime now) {
  const bool wanted = connections_ < max_connections_ && now >= accept_again_;
  if (wanted == accepting_) return;
  accepting_ = wanted;
  for (const Listener& listener : listeners_) {
    Watch(EPOLL_CTL_MOD, listener.fd(), Source::kListener, wanted ? EPOLLIN : 0U);
  }
}

void MicrohttpdLoop::CutSlowClients(SteadyTime now) {
  // The library sees the end of the connection and closes it.
  for (ConnectionTimer* const timer : {&senders_, &receivers_}) {
    while (const auto fd = timer->TakeExpired(now)) ::shutdown(*fd, SHUT_RDWR);
  }
}

void* MicrohttpdLoop::OnRequestLine(void* self, const char* target,
                                    MHD_Connection* /*connection*/) {
  try {
    return static_cast<MicrohttpdLoop*>(self)->requests_.Begin(target);
  } catch (const std::exception&) {
    return nullptr;  // out of memory: OnStep closes the connection
  }
}

MHD_Result MicrohttpdLoop::OnStep(void* self, MHD_Connection* connection, const char* /*url*/,
                                  const char* method, const char* /*version*/,
                                  const char* /*upload*/, std::size_t* upload_size,
                                  void** request) {
  auto& loop = *static_cast<MicrohttpdLoop*>(self);
  auto* const known = static_cast<RequestTable::Request*>(*request);
  if (known == nullptr) return MHD_NO;
  try {
    const MHD_Result result = loop.requests_.Step(connection, *known, method, upload_size);
    if (known->received) {
      loop.senders_.End(SocketOf(connection));
      loop.answering_.insert(SocketOf(connection));
    }
    if (known->answered) loop.receivers_.Start(SocketOf(connection), loop.clock_.Now());
    return result;
  } catch (const std::exception&) {
    return MHD_NO;
  }
}

void MicrohttpdLoop::OnRequestEnd(void* self, MHD_Connection* connection, void** request,
                                  MHD_RequestTerminationCode /*why*/) {
  auto& loop = *static_cast<MicrohttpdLoop*>(self);
  auto* const known = static_cast<RequestTable::Request*>(std::exchange(*request, nullptr));
  if (known != nullptr) loop.requests_.End(*known);
  const int fd = SocketOf(connection);
  loop.senders_.End(fd);
  loop.receivers_.End(fd);
  loop.answering_.erase(fd);
  loop.Watch(EPOLL_CTL_MOD, fd, Source::kClient, EPOLLIN | EPOLLONESHOT);
}

void MicrohttpdLoop::OnConnection(void* self, MHD_Connection* connection, void** /*context*/,
                                  MHD_ConnectionNotificationCode what) {
  auto& loop = *static_cast<MicrohttpdLoop*>(self);
  const int fd = SocketOf(connection);
  if (what == MHD_CONNECTION_NOTIFY_STARTED) {
    ++loop.connections_;
    // One event for the first byte of a request; the library reads it through a set of its own.
    loop.Watch(EPOLL_CTL_ADD, fd, Source::kClient, EPOLLIN | EPOLLONESHOT);
  } else {
    --loop.connections_;
    loop.senders_.End(fd);
    loop.receivers_.End(fd);
    loop.answering_.erase(fd);
  }
}

}  // namespace headroom
