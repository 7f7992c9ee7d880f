#include "collectors/net/curl_loop.h"

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <new>
#include <string>
#include <system_error>

namespace headroom {
namespace {

using std::chrono::milliseconds;

// Once per process, before the first handle, and never undone: threads may hold handles.
void InitializeCurl() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (::curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::bad_alloc();
  });
}

CURLM* NewMulti() {
  InitializeCurl();
  CURLM* multi = ::curl_multi_init();
  if (multi == nullptr) throw std::bad_alloc();
  return multi;
}

Error Internal(CURLMcode code) {
  return Error{ErrorKind::kInternal, std::string("libcurl: ") + ::curl_multi_strerror(code)};
}

int ActionOf(std::uint32_t events) {
  int action = 0;
  if ((events & EPOLLIN) != 0) action |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) action |= CURL_CSELECT_OUT;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) action |= CURL_CSELECT_ERR;
  return action;
}

}  // namespace

CurlLoop::CurlLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), multi_(NewMulti()) {
  if (!epoll_.valid()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  ::curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &CurlLoop::OnSocket);
  ::curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  ::curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &CurlLoop::OnTimer);
  ::curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
  ::curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, 1L);
}

int CurlLoop::OnSocket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  const int epoll = static_cast<CurlLoop*>(self)->epoll_.get();
  epoll_event event{};
  event.data.fd = socket;
  if (what == CURL_POLL_REMOVE) {
    // Fails only when the socket is closed already, and then it is out.
    static_cast<void>(::epoll_ctl(epoll, EPOLL_CTL_DEL, socket, &event));
    return 0;
  }
  if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  if (::epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) == 0) return 0;
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

int CurlLoop::OnTimer(CURLM*, long interval, void* self) {
  auto& loop = *static_cast<CurlLoop*>(self);
  loop.wake_.reset();
  if (interval >= 0 && loop.clock_ != nullptr) {
    loop.wake_ = loop.clock_->Now() + milliseconds(interval);
  }
  return 0;
}

Result<CURLcode> CurlLoop::Run(CURL* easy, const Deadline& deadline) {
  clock_ = &deadline.clock();
  const CURLMcode added = ::curl_multi_add_handle(multi_.get(), easy);
  Result<CURLcode> verdict = added == CURLM_OK ? Drive(deadline) : Internal(added);
  ::curl_multi_remove_handle(multi_.get(), easy);
  clock_ = nullptr;
  return verdict;
}

Result<CURLcode> CurlLoop::Drive(const Deadline& deadline) {
  int running = 1;
  while (running > 0) {
    // Asked here too, since a wait on a server that never stops sending ends at once each time.
    if (deadline.Expired()) return deadline.Poll(-1, 0).error();
    const Status done = Step(deadline, running);
    if (!done.ok()) return done.error();
  }
  return Verdict();
}

Status CurlLoop::Step(const Deadline& deadline, int& running) {
  const SteadyTime now = clock_->Now();
  const Result<short> ready =
      (wake_ ? deadline.Within(*wake_ - now) : deadline).Poll(epoll_.get(), POLLIN);
  if (!ready.ok() && ready.error().kind != ErrorKind::kTimeout) return ready.error();
  if (!ready.ok()) {
    wake_.reset();
    const CURLMcode code =
        ::curl_multi_socket_action(multi_.get(), CURL_SOCKET_TIMEOUT, 0, &running);
    if (code != CURLM_OK) return Internal(code);
    // libcurl does not ask again for a timer that came a moment too early for its own clock.
    if (!wake_) AskForTimer();
    return Ok{};
  }
  std::array<epoll_event, 4> events{};
  const int count =
      ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), /*timeout=*/0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events.at(static_cast<std::size_t>(i));
    const CURLMcode code =
        ::curl_multi_socket_action(multi_.get(), event.data.fd, ActionOf(event.events), &running);
    if (code != CURLM_OK) return Internal(code);
  }
  return Ok{};
}

void CurlLoop::AskForTimer() {
  long interval = -1;
  ::curl_multi_timeout(multi_.get(), &interval);
  if (interval >= 0) wake_ = clock_->Now() + milliseconds(std::max(interval, 1L));
}

Result<CURLcode> CurlLoop::Verdict() const {
  int left = 0;
  while (const CURLMsg* message = ::curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg == CURLMSG_DONE) return message->data.result;
  }
  return Error{ErrorKind::kInternal, "libcurl: the transfer ended without a verdict"};
}

}  // namespace headroom
