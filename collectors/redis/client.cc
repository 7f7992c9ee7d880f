#include "collectors/redis/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "collectors/redis/codec.h"
#include "collectors/redis/reply_errors.h"

namespace headroom::redis {
namespace {

// Commands sent and not answered: bounds what either side has to buffer.
constexpr std::size_t kWindow = 1000;

Error Unexpected(std::string_view command) {
  return Error{ErrorKind::kProtocol,
               fmt::format("not a Redis server (unexpected answer to {})", command)};
}

bool IsOk(const Reply& reply) { return reply.type == Reply::Type::kStatus && reply.text == "OK"; }

// An answer to AUTH. "ERR" texts may repeat the command with the password in it ("unknown command
// 'AUTH', with args beginning with: ..."), and so may what Redis never says: they are not passed
// on.
Status CheckAuth(const Reply& reply) {
  if (IsOk(reply)) return Ok{};
  if (!reply.IsError()) return Unexpected("AUTH");
  Error error = ToError(reply);
  const bool error_of_redis = error.kind != ErrorKind::kProtocol && !reply.text.starts_with("ERR");
  if (error.kind == ErrorKind::kLimit || error_of_redis) return error;
  if (reply.text.starts_with("ERR AUTH <password> called without any password configured") ||
      reply.text.starts_with("ERR Client sent AUTH, but no password is set")) {
    return Error{ErrorKind::kAuth, "the server has no password for the default user: give none"};
  }
  return Error{ErrorKind::kAuth, "the server refused AUTH with an unexpected error"};
}

Status CheckSelect(const Reply& reply, int db) {
  if (IsOk(reply)) return Ok{};
  if (!reply.IsError()) return Unexpected("SELECT");
  Error error = ToError(reply).Within(fmt::format("SELECT {}", db));
  // "DB index is out of range", "SELECT is not allowed in cluster mode"
  if (error.kind == ErrorKind::kProtocol) error.kind = ErrorKind::kUnsupported;
  return error;
}

// The name is a courtesy to whoever reads CLIENT LIST: a user who may not set it may still read.
Status CheckSetName(const Reply& reply) {
  if (IsOk(reply)) return Ok{};
  if (!reply.IsError()) return Unexpected("CLIENT SETNAME");
  Error error = ToError(reply);
  const bool harmless = error.kind == ErrorKind::kPermission ||
                        error.kind == ErrorKind::kUnsupported || error.kind == ErrorKind::kProtocol;
  if (harmless) return Ok{};
  return error;
}

// What Redis says unasked, before it closes a connection that it does not want. Other texts are not
// taken for that: a server that is no Redis may be repeating our password.
std::optional<Error> TurnedAway(const std::vector<Reply>& replies) {
  if (replies.empty() || !replies.back().IsError()) return std::nullopt;
  Error error = ToError(replies.back());
  const bool turned_away = error.kind == ErrorKind::kLimit || FirstWord(replies.back()) == "DENIED";
  return turned_away ? std::optional(std::move(error)) : std::nullopt;
}

// More replies than commands.
Error Surplus(const std::vector<Reply>& replies) {
  if (auto turned_away = TurnedAway(replies)) return *std::move(turned_away);
  return Error{ErrorKind::kProtocol, "a reply that no command asked for"};
}

}  // namespace

struct Client::Connection {
  Connection(std::unique_ptr<Stream> connected, const ClientOptions& options)
      : stream(std::move(connected)), reader(options.max_reply_bytes, options.max_batch_bytes) {}

  Result<std::vector<Reply>> Run(const Batch& batch, const Deadline& deadline);
  Status Handshake(const ClientOptions& options, const Secret& password, const Deadline& deadline);

  std::unique_ptr<Stream> stream;
  ReplyReader reader;
  std::array<char, std::size_t{16} << 10> in{};
};

Result<std::vector<Reply>> Client::Connection::Run(const Batch& batch, const Deadline& deadline) {
  std::vector<Reply> replies;
  replies.reserve(batch.size());
  reader.BeginBatch();
  std::size_t allowed = 0;     // commands
  std::size_t sent = 0;        // bytes
  std::size_t whole_sent = 0;  // commands
  while (replies.size() < batch.size()) {
    // In steps of half a window: one command for each reply would be a system call for each.
    if (allowed - replies.size() <= kWindow / 2) {
      allowed = std::min(batch.size(), replies.size() + kWindow);
    }
    const std::string_view out = batch.bytes().substr(sent, batch.end(allowed - 1) - sent);
    const Result<Stream::Progress> progress = stream->Exchange(out, in, deadline);
    if (!progress.ok()) {
      // The one reply stands for the whole batch then.
      auto turned_away = TurnedAway(replies);
      if (turned_away && progress.error().kind == ErrorKind::kConnect) return *turned_away;
      return progress.error();
    }
    // What was read was there before what was written in the same step: it answers none of that.
    const Status fed = reader.Feed(std::string_view(in.data(), progress->read), replies);
    if (!fed.ok()) return fed.error();
    if (replies.size() > whole_sent) return Surplus(replies);
    sent += progress->written;
    while (whole_sent < batch.size() && batch.end(whole_sent) <= sent) ++whole_sent;
  }
  if (!reader.idle()) return Surplus({});
  return replies;
}

Status Client::Connection::Handshake(const ClientOptions& options, const Secret& password,
                                     const Deadline& deadline) {
  Batch batch;
  const bool auth = !password.empty() || !options.user.empty();
  if (auth && options.user.empty()) batch.Add({"AUTH", password.Reveal()});
  if (auth && !options.user.empty()) batch.Add({"AUTH", options.user, password.Reveal()});
  if (options.db != 0) batch.Add({"SELECT", std::to_string(options.db)});
  batch.Add({"CLIENT", "SETNAME", "headroom"});
  const Result<std::vector<Reply>> replies = Run(batch, deadline);
  if (!replies.ok()) return replies.error();
  auto reply = replies->begin();
  Status status = Ok{};
  if (auth) status = CheckAuth(*reply++);
  if (status.ok() && options.db != 0) status = CheckSelect(*reply++, options.db);
  if (status.ok()) status = CheckSetName(*reply);
  return status;
}

Client::Client(ClientOptions options) : options_(std::move(options)) {}

Client::~Client() = default;

bool Client::connected() const { return connection_ != nullptr; }

Status Client::EnsureConnected(const Deadline& deadline) {
  if (connection_ != nullptr && connection_->stream->CheckIdle().ok()) return Ok{};
  Disconnect();
  const Result<Secret> password = options_.password.Read();
  if (!password.ok()) return password.error();
  Result<std::unique_ptr<Stream>> stream = Connect(options_.endpoint, deadline);
  if (!stream.ok()) return stream.error();
  auto connection = std::make_unique<Connection>(std::move(stream).value(), options_);
  const SteadyTime start = deadline.clock().Now();
  const Status ready = connection->Handshake(options_, *password, deadline);
  if (!ready.ok()) return ready.error().Within(options_.endpoint.ToString());
  round_trip_ = deadline.clock().Now() - start;
  connection_ = std::move(connection);
  ++connections_;
  return Ok{};
}

Result<std::vector<Reply>> Client::Run(const Batch& batch, const Deadline& deadline) {
  Result<std::vector<Reply>> replies = connection_->Run(batch, deadline);
  if (replies.ok()) return replies;
  Disconnect();
  return replies.error().Within(options_.endpoint.ToString());
}

void Client::Disconnect() { connection_.reset(); }

}  // namespace headroom::redis
