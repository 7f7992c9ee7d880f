#include "collectors/secret.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "collectors/environment.h"

namespace headroom {
namespace {

constexpr std::size_t kLongestSecret = std::size_t{64} << 10;

class File {
 public:
  // Non-blocking: opening a pipe that nobody writes to would wait for ever.
  explicit File(const char* path) : fd_(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

Error Unreadable(std::string_view path, std::string_view why) {
  return Error{ErrorKind::kAuth, fmt::format("cannot read the secret file {}: {}", path, why)};
}

Error UnreadableNow(std::string_view path) {
  return Unreadable(path, std::generic_category().message(errno));
}

Result<Secret> ReadFile(const std::string& path) {
  const File file(path.c_str());
  struct stat status {};
  if (file.fd() < 0 || ::fstat(file.fd(), &status) != 0) return UnreadableNow(path);
  if (!S_ISREG(status.st_mode)) return Unreadable(path, "not a regular file");
  std::string content;
  std::array<char, 4096> chunk{};
  while (true) {
    const ssize_t n = ::read(file.fd(), chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return UnreadableNow(path);
    if (n == 0) break;
    content.append(chunk.data(), static_cast<std::size_t>(n));
    if (content.size() > kLongestSecret) return Unreadable(path, "larger than 64 KiB");
  }
  if (content.ends_with('\n')) {
    content.pop_back();
    if (content.ends_with('\r')) content.pop_back();
  }
  // A file in the middle of being rewritten, most likely; no password at all is never meant.
  if (content.empty()) return Unreadable(path, "it is empty");
  return Secret(std::move(content));
}

}  // namespace

Result<Secret> SecretSource::Read() const {
  switch (from) {
    case From::kNone:
      return Secret();
    case From::kLiteral:
      return literal;
    case From::kFile:
      return ReadFile(place);
    case From::kEnvironment:
      break;
  }
  const char* value = EnvironmentValue(place);
  if (value == nullptr || *value == '\0') {
    return Error{ErrorKind::kAuth, fmt::format("the environment variable {} is {}", place,
                                               value == nullptr ? "not set" : "empty")};
  }
  return Secret(value);
}

}  // namespace headroom
