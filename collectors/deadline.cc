#include "collectors/deadline.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <system_error>

namespace headroom {

Cancellation::Cancellation() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Cancellation::~Cancellation() { ::close(fd_); }

void Cancellation::Cancel() const {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable already.
  [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

bool Cancellation::cancelled() const {
  pollfd p{fd_, POLLIN, 0};
  return ::poll(&p, 1, 0) == 1;
}

Duration Deadline::Remaining() const {
  if (cancellation_ != nullptr && cancellation_->cancelled()) return Duration::zero();
  return std::max(Duration::zero(), at_ - clock_->Now());
}

Deadline Deadline::Within(Duration cap) const {
  return Deadline(*clock_, std::min(at_, clock_->Now() + cap), cancellation_);
}

Result<short> Deadline::Poll(int fd, short events) const {
  std::array<pollfd, 2> fds = {{{fd, events, 0}, {-1, POLLIN, 0}}};
  if (cancellation_ != nullptr) fds[1].fd = cancellation_->fd();
  for (;;) {
    const Duration left = std::max(Duration::zero(), at_ - clock_->Now());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec wait{static_cast<std::time_t>(seconds.count()),
                        static_cast<long>((left - seconds).count())};
    const int ready = ::ppoll(fds.data(), fds.size(), &wait, nullptr);
    if (ready < 0 && errno != EINTR) {
      return Error{ErrorKind::kInternal, "poll: " + std::generic_category().message(errno)};
    }
    if (ready > 0 && fds[1].revents != 0) return Error{ErrorKind::kTimeout, "cancelled"};
    if (ready > 0 && fds[0].revents != 0) return fds[0].revents;
    if (left == Duration::zero()) return Error{ErrorKind::kTimeout, "deadline exceeded"};
  }
}

}  // namespace headroom
