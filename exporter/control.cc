#include "exporter/control.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <system_error>
#include <utility>

namespace headroom {

Control::Control() : signals_(-1), requests_(-1) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
  requests_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (signals_ < 0 || requests_ < 0) {
    throw std::system_error(errno, std::generic_category(), "signalfd or eventfd");
  }
}

Control::~Control() {
  ::close(signals_);
  ::close(requests_);
}

void Control::RequestReload(ReloadDone done) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(done));
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(requests_, &one, sizeof one);
}

void Control::ServeReloads(const std::function<Status()>& reload) {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(requests_, &count, sizeof count);
  std::vector<ReloadDone> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(waiting_);
  }
  if (waiting.empty()) return;
  // One reload answers all who asked before it began.
  const Status status = reload();
  for (const auto& done : waiting) done(status);
}

int Control::Wait(const std::function<Status()>& reload) {
  std::array<pollfd, 2> fds = {{{signals_, POLLIN, 0}, {requests_, POLLIN, 0}}};
  for (;;) {
    if (::poll(fds.data(), fds.size(), -1) < 0) continue;  // EINTR: nothing else can happen here
    if (fds[1].revents != 0) ServeReloads(reload);
    if (fds[0].revents == 0) continue;
    signalfd_siginfo info{};
    if (::read(signals_, &info, sizeof info) != sizeof info) continue;
    if (info.ssi_signo != SIGHUP) return static_cast<int>(info.ssi_signo);
    // What went wrong has been logged by the reload itself.
    static_cast<void>(reload().ok());
  }
}

}  // namespace headroom
