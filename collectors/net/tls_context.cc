#include "collectors/net/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <deque>
#include <memory>
#include <mutex>
#include <system_error>
#include <utility>

namespace headroom {
namespace {

// What tells a file from its successor.
struct Stamp {
  ino_t inode = 0;
  off_t size = 0;
  std::time_t seconds = 0;
  long nanoseconds = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

// One for each set of files, which has a lock of its own: files that are slow to read (a network
// mount that hangs) must not hold up the targets that have others.
struct Entry {
  explicit Entry(TlsOptions o) : options(std::move(o)) {}

  const TlsOptions options;
  std::mutex mutex;
  std::array<Stamp, 3> stamps;  // guarded by mutex
  SslContext context;           // guarded by mutex; null before the first load
};

// The contexts in use, the latest first; more than kMax different ones are rare, and then cost a
// load at each connect.
class Cache {
 public:
  std::shared_ptr<Entry> EntryOf(const TlsOptions& options) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const auto& entry) { return entry->options == options; });
    if (found != entries_.end()) return *found;
    if (entries_.size() == kMax) entries_.pop_back();
    return entries_.emplace_front(std::make_shared<Entry>(options));
  }

 private:
  static constexpr std::size_t kMax = 8;
  std::mutex mutex_;
  std::deque<std::shared_ptr<Entry>> entries_;  // guarded by mutex_
};

Error BadFile(std::string_view key, const std::string& path, std::string_view what) {
  return Error{ErrorKind::kAuth, fmt::format("{} {}: {}", key, path, what)};
}

// Looks before OpenSSL does: its own words for a missing file are poor, and it would wait on a
// FIFO.
Result<Stamp> StampOf(std::string_view key, const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0 || ::access(path.c_str(), R_OK) != 0) {
    return BadFile(key, path, std::generic_category().message(errno));
  }
  if (!S_ISREG(s.st_mode)) return BadFile(key, path, "not a regular file");
  return Stamp{s.st_ino, s.st_size, s.st_mtim.tv_sec, s.st_mtim.tv_nsec};
}

Result<std::array<Stamp, 3>> StampsOf(const TlsOptions& options) {
  std::array<Stamp, 3> stamps;
  const std::array<std::pair<std::string_view, const std::string*>, 3> files = {
      {{"ca_file", &options.ca_file},
       {"cert_file", &options.cert_file},
       {"key_file", &options.key_file}}};
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].second->empty()) continue;
    const Result<Stamp> stamp = StampOf(files[i].first, *files[i].second);
    if (!stamp.ok()) return stamp.error();
    stamps[i] = *stamp;
  }
  return stamps;
}

// An encrypted key must fail: OpenSSL's default asks for the passphrase on the terminal.
int NoPassphrase(char*, int, int, void*) { return 0; }

Status LoadAuthorities(SSL_CTX* context, const TlsOptions& options) {
  if (options.ca_file.empty()) {
    if (::SSL_CTX_set_default_verify_paths(context) == 1) return Ok{};
    return Error{ErrorKind::kAuth, "the system's certificate authorities: " + TakeSslReason()};
  }
  if (::SSL_CTX_load_verify_file(context, options.ca_file.c_str()) == 1) return Ok{};
  return BadFile("ca_file", options.ca_file,
                 fmt::format("no PEM certificate in it ({})", TakeSslReason()));
}

Status LoadClientCertificate(SSL_CTX* context, const TlsOptions& options) {
  if (options.cert_file.empty() && options.key_file.empty()) return Ok{};
  if (options.cert_file.empty() || options.key_file.empty()) {
    return Error{ErrorKind::kAuth, "cert_file and key_file belong together: give both"};
  }
  if (::SSL_CTX_use_certificate_chain_file(context, options.cert_file.c_str()) != 1) {
    return BadFile("cert_file", options.cert_file,
                   fmt::format("no PEM certificate in it ({})", TakeSslReason()));
  }
  ::ERR_clear_error();
  if (::SSL_CTX_use_PrivateKey_file(context, options.key_file.c_str(), SSL_FILETYPE_PEM) == 1) {
    return Ok{};
  }
  return BadFile("key_file", options.key_file,
                 fmt::format("no unencrypted PEM key of cert_file {} in it ({})", options.cert_file,
                             TakeSslReason()));
}

Result<SslContext> MakeContext(const TlsOptions& options) {
  ::ERR_clear_error();
  SslContext context(::SSL_CTX_new(::TLS_client_method()));
  if (context == nullptr) return Error{ErrorKind::kInternal, "OpenSSL: " + TakeSslReason()};
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  ::SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  ::SSL_CTX_set_default_passwd_cb(context.get(), NoPassphrase);
  Status loaded = LoadAuthorities(context.get(), options);
  if (loaded.ok()) loaded = LoadClientCertificate(context.get(), options);
  if (!loaded.ok()) return loaded.error();
  return context;
}

SslContext Reference(const SslContext& context) {
  ::SSL_CTX_up_ref(context.get());
  return SslContext(context.get());
}

}  // namespace

std::string TakeSslReason() {
  const unsigned long code = ::ERR_get_error();
  ::ERR_clear_error();
  const char* reason = ::ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

Result<SslContext> SharedSslContext(const TlsOptions& options) {
  TlsOptions key = options;
  key.server_name.clear();
  const Result<std::array<Stamp, 3>> stamps = StampsOf(key);
  if (!stamps.ok()) return stamps.error();
  static Cache cache;
  const std::shared_ptr<Entry> entry = cache.EntryOf(key);
  const std::lock_guard lock(entry->mutex);
  if (entry->context == nullptr || entry->stamps != *stamps) {
    Result<SslContext> fresh = MakeContext(key);
    if (!fresh.ok()) return fresh.error();
    entry->context = std::move(fresh).value();
    entry->stamps = *stamps;
  }
  return Reference(entry->context);
}

}  // namespace headroom
