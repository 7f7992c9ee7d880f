#include "collectors/net/http_client.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <optional>
#include <utility>

#include "collectors/net/http_errors.h"
#include "collectors/net/http_transfer.h"
#include "collectors/net/resolver.h"

namespace headroom {
namespace {

constexpr std::size_t kLongestPathInMessages = 200;

std::string Base64(std::string_view text) {
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');  // one more for its NUL
  const int size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

std::string PathForMessages(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  if (path.size() <= kLongestPathInMessages) return std::string(path);
  return fmt::format("{}...", path.substr(0, kLongestPathInMessages));
}

}  // namespace

class HttpClient::Session {
 public:
  Session(HttpClientOptions options, Resolver& resolver)
      : options_(std::move(options)),
        transfer_(options_.endpoint, options_.path, options_.max_body_bytes, resolver) {}

  Result<HttpReply> Get(std::string_view target, const Deadline& deadline) {
    Result<HttpReply> reply = Ask(target, deadline);
    if (reply.ok()) {
      const std::string& password = password_.Reveal();
      std::optional<Error> error =
          StatusError(*reply, !options_.user.empty(), {password, Base64(password), token_});
      if (!error) return reply;
      reply = *std::move(error);
    }
    return reply.error().Within(fmt::format("{}: GET {}{}", options_.endpoint.ToString(),
                                            options_.path, PathForMessages(target)));
  }

 private:
  Result<HttpReply> Ask(std::string_view target, const Deadline& deadline) {
    if (deadline.Expired()) return deadline.Poll(-1, 0).error();
    if (!transfer_.ConnectionIsKept()) {
      const Status read = ReadPassword();
      if (!read.ok()) return read.error();
    }
    Result<HttpReply> reply = transfer_.Fetch(target, deadline);
    if (!reply.ok() || reply->status != 401) return reply;
    const std::string refused = token_;
    const Status read = ReadPassword();
    if (!read.ok()) return read.error();
    return token_ == refused ? std::move(reply) : transfer_.Fetch(target, deadline);
  }

  Status ReadPassword() {
    if (options_.user.empty()) return Ok{};
    Result<Secret> password = options_.password.Read();
    if (!password.ok()) return password.error();
    password_ = std::move(password).value();
    token_ = Base64(fmt::format("{}:{}", options_.user, password_.Reveal()));
    transfer_.SetAuthorization("Basic " + token_);
    return Ok{};
  }

  HttpClientOptions options_;
  Secret password_;    // as it was read last
  std::string token_;  // of basic authentication (RFC 7617), with that
  HttpTransfer transfer_;
};

HttpClient::HttpClient(HttpClientOptions options)
    : HttpClient(std::move(options), Resolver::Shared()) {}

HttpClient::HttpClient(HttpClientOptions options, Resolver& resolver)
    : session_(std::make_unique<Session>(std::move(options), resolver)) {}

HttpClient::~HttpClient() = default;

Result<HttpReply> HttpClient::Get(std::string_view target, const Deadline& deadline) {
  return session_->Get(target, deadline);
}

}  // namespace headroom
