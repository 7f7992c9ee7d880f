#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "collectors/net/connect.h"

namespace headroom {
namespace {

Error Closed() { return Error{ErrorKind::kConnect, "the server closed the connection"}; }

Error SystemError(int code) {
  return Error{ErrorKind::kConnect, std::generic_category().message(code)};
}

bool TryLater(int code) { return code == EAGAIN || code == EINTR; }

class SocketStream final : public Stream {
 public:
  explicit SocketStream(Fd fd) : fd_(std::move(fd)) {}

  Result<Progress> Exchange(std::span<const char> out, std::span<char> in,
                            const Deadline& deadline) override {
    const auto events = static_cast<short>(out.empty() ? POLLIN : POLLIN | POLLOUT);
    for (;;) {
      // Poll alone would never notice the deadline while the server keeps sending.
      if (deadline.Expired()) return deadline.Poll(-1, 0).error();
      const Result<short> ready = deadline.Poll(fd_.get(), events);
      if (!ready.ok()) return ready.error();
      Result<Progress> progress = Step(*ready, out, in);
      if (!progress.ok() || progress->written + progress->read > 0) return progress;
    }
  }

  Status CheckIdle() override {
    char byte = 0;
    const ssize_t n = ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n > 0) return Error{ErrorKind::kProtocol, "the server sent bytes that nobody asked for"};
    if (n == 0) return Closed();
    if (!TryLater(errno)) return SystemError(errno);
    return Ok{};
  }

 private:
  // Reads first: a server that turns us away says why before it closes, and its word must not be
  // lost behind the failure of our own write.
  Result<Progress> Step(short ready, std::span<const char> out, std::span<char> in) {
    Progress progress;
    if ((ready & ~POLLOUT) != 0) {
      const Result<std::size_t> read = Read(in);
      if (!read.ok()) return read.error();
      progress.read = *read;
    }
    if (out.empty() || (ready & POLLOUT) == 0) return progress;
    const ssize_t n = ::send(fd_.get(), out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      progress.written = static_cast<std::size_t>(n);
    } else if (!TryLater(errno) && progress.read == 0) {
      const Error failure = SystemError(errno);
      const Result<std::size_t> last_words = Read(in);
      if (!last_words.ok() || *last_words == 0) return failure;
      progress.read = *last_words;
    }
    return progress;
  }

  Result<std::size_t> Read(std::span<char> in) {
    const ssize_t n = ::recv(fd_.get(), in.data(), in.size(), MSG_DONTWAIT);
    if (n > 0) return static_cast<std::size_t>(n);
    if (n == 0) return Closed();
    if (!TryLater(errno)) return SystemError(errno);
    return std::size_t{0};
  }

  Fd fd_;
};

}  // namespace

std::unique_ptr<Stream> MakeSocketStream(Fd fd) {
  return std::make_unique<SocketStream>(std::move(fd));
}

}  // namespace headroom
