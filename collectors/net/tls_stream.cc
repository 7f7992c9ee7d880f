#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "collectors/net/connect.h"
#include "collectors/net/tls_context.h"
#include "collectors/net/tls_reasons.h"

namespace headroom {
namespace {

struct FreeSsl {
  void operator()(SSL* ssl) const { ::SSL_free(ssl); }
};
using Ssl = std::unique_ptr<SSL, FreeSsl>;

bool IsIpAddress(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

Error FromQueue() {
  const unsigned long code = ::ERR_peek_error();
  const std::string reason = TakeSslReason();
  if (ERR_GET_LIB(code) == ERR_LIB_SSL) {
    const std::optional<Error> known = ExplainTlsReason(ERR_GET_REASON(code));
    if (known) return Error{known->kind, fmt::format("{} ({})", known->message, reason)};
  }
  return Error{ErrorKind::kConnect, "TLS: " + reason};
}

// So that SSL_get_error() and errno tell of this call and of no earlier one.
void BeginCall() {
  ::ERR_clear_error();
  errno = 0;
}

class TlsStream final : public Stream {
 public:
  TlsStream(Fd fd, Ssl ssl, std::string peer)
      : fd_(std::move(fd)), ssl_(std::move(ssl)), peer_(std::move(peer)) {}

  ~TlsStream() override {
    if (!usable_) return;
    ::ERR_clear_error();
    ::SSL_shutdown(ssl_.get());  // tells the server, does not wait for its answer
  }

  Status Handshake(const Deadline& deadline) {
    for (;;) {
      if (deadline.Expired()) return deadline.Poll(-1, 0).error();
      BeginCall();
      const int result = ::SSL_connect(ssl_.get());
      if (result == 1) break;
      short events = 0;
      const Status wanted = Wanted(result, events);
      if (!wanted.ok()) return Refusal(wanted.error());
      const Result<short> ready = deadline.Poll(fd_.get(), events);
      if (!ready.ok()) return ready.error();
    }
    usable_ = true;
    return Ok{};
  }

  Result<Progress> Exchange(std::span<const char> out, std::span<char> in,
                            const Deadline& deadline) override {
    for (;;) {
      if (deadline.Expired()) return deadline.Poll(-1, 0).error();
      short events = 0;
      Progress progress;
      // Reads first, as the plain stream does, and because decrypted bytes may be waiting where
      // poll cannot see them.
      const Result<std::size_t> read = Read(in, events);
      if (!read.ok()) return Fail(read.error());
      progress.read = *read;
      if (!out.empty()) {
        const Result<std::size_t> written = Write(out, events);
        if (written.ok()) {
          progress.written = *written;
        } else if (progress.read == 0) {
          const Result<std::size_t> last_words = Read(in, events);
          if (!last_words.ok()) return Fail(last_words.error());
          if (*last_words == 0) return Fail(written.error());
          progress.read = *last_words;
        }
      }
      if (progress.written + progress.read > 0) return progress;
      const Result<short> ready = deadline.Poll(fd_.get(), events);
      if (!ready.ok()) return ready.error();
    }
  }

  Status CheckIdle() override {
    // Reading is what tells a close from a session ticket, which may arrive at any time.
    char byte = 0;
    short events = 0;
    const Result<std::size_t> read = Read(std::span<char>(&byte, 1), events);
    if (!read.ok()) return Fail(read.error());
    if (*read == 0) return Ok{};
    return Fail(Error{ErrorKind::kProtocol, "the server sent bytes that nobody asked for"});
  }

 private:
  Error Fail(Error error) {
    usable_ = false;
    return error;
  }

  // Ok with the events to wait for, or why the operation failed for good.
  Status Wanted(int result, short& events) {
    switch (::SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        events |= POLLIN;
        return Ok{};
      case SSL_ERROR_WANT_WRITE:
        events |= POLLOUT;
        return Ok{};
      case SSL_ERROR_SSL:
        return FromQueue();
      case SSL_ERROR_SYSCALL:
        if (errno != 0) {
          return Error{ErrorKind::kConnect, std::generic_category().message(errno)};
        }
        [[fallthrough]];
      default:  // SSL_ERROR_ZERO_RETURN
        return Error{ErrorKind::kConnect, "the server closed the connection"};
    }
  }

  Result<std::size_t> Read(std::span<char> in, short& events) {
    BeginCall();
    std::size_t n = 0;
    const int result = ::SSL_read_ex(ssl_.get(), in.data(), in.size(), &n);
    if (result == 1) return n;
    const Status wanted = Wanted(result, events);
    if (!wanted.ok()) return wanted.error();
    return std::size_t{0};
  }

  Result<std::size_t> Write(std::span<const char> out, short& events) {
    BeginCall();
    std::size_t n = 0;
    const int result = ::SSL_write_ex(ssl_.get(), out.data(), out.size(), &n);
    if (result == 1) return n;
    const Status wanted = Wanted(result, events);
    if (!wanted.ok()) return wanted.error();
    return std::size_t{0};
  }

  // Why the peer turned us away, in place of the words of a failed handshake.
  Error Refusal(const Error& failure) const {
    const long verdict = ::SSL_get_verify_result(ssl_.get());
    if (verdict == X509_V_OK) return failure;
    return CertificateRefused(peer_, verdict);
  }

  Fd fd_;
  Ssl ssl_;
  std::string peer_;
  bool usable_ = false;
};

// Which name the certificate must have.
Status ExpectName(SSL* ssl, const std::string& name) {
  if (IsIpAddress(name)) {
    if (::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), name.c_str()) == 1) return Ok{};
  } else if (::SSL_set1_host(ssl, name.c_str()) == 1) {
    std::string copy = name;
    // SSL_set_tlsext_host_name() without the C cast in it.
    if (::SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, copy.data()) ==
        1) {
      return Ok{};
    }
  }
  return Error{ErrorKind::kAuth, fmt::format("not a name for a certificate: {}", name)};
}

}  // namespace

Result<std::unique_ptr<Stream>> MakeTlsStream(Fd fd, const Endpoint& endpoint,
                                              const Deadline& deadline) {
  const TlsOptions& options = endpoint.tls_options;
  const std::string& name = options.server_name.empty() ? endpoint.host : options.server_name;
  if (name.empty()) {
    return Error{ErrorKind::kAuth, "TLS on a unix socket needs server_name"};
  }
  const Result<SslContext> context = SharedSslContext(options);
  if (!context.ok()) return context.error();
  Ssl ssl(::SSL_new(context->get()));
  if (ssl == nullptr || ::SSL_set_fd(ssl.get(), fd.get()) != 1) {
    return Error{ErrorKind::kInternal, "OpenSSL: " + TakeSslReason()};
  }
  const Status named = ExpectName(ssl.get(), name);
  if (!named.ok()) return named.error();
  auto stream = std::make_unique<TlsStream>(std::move(fd), std::move(ssl), name);
  const Status ready = stream->Handshake(deadline);
  if (!ready.ok()) return ready.error().Within("TLS with " + endpoint.ToString());
  return std::unique_ptr<Stream>(std::move(stream));
}

}  // namespace headroom
