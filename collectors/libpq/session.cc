#include "collectors/libpq/session.h"

#include <fmt/format.h>
#include <linux/tcp.h>  // newer fields of tcp_info than <netinet/tcp.h> has
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <limits>
#include <string_view>
#include <utility>

#include "collectors/libpq/connection.h"
#include "collectors/libpq/reply.h"
#include "collectors/libpq/reply_errors.h"
#include "collectors/net/tls_pending.h"

namespace headroom::pq {
namespace {

void IgnoreNotice(void* /*unused*/, const PGresult* /*unused*/) {}

// What a wait for a server that is reached, or not, was for.
std::string_view Awaited(const PGconn* connection) {
  return ::PQstatus(connection) == CONNECTION_STARTED
             ? "no answer to the attempt to connect"
             : "the server took the connection and did not go on";
}

}  // namespace

Result<std::unique_ptr<Session>> Session::Open(const Words& words, const Deadline& deadline) {
  PGconn* const raw = ::PQconnectStart(FormatConninfo(words).c_str());
  if (raw == nullptr) return Error{ErrorKind::kInternal, "libpq has no memory"};
  std::unique_ptr<Session> session(new Session(raw));
  ::PQsetNoticeReceiver(raw, &IgnoreNotice, nullptr);
  ::PQsetErrorVerbosity(raw, PQERRORS_VERBOSE);
  const Status shaken = session->Shake(deadline);
  if (!shaken.ok()) return shaken.error();
  if (::PQsetnonblocking(raw, 1) != 0) return session->Lost();
  return session;
}

Status Session::Shake(const Deadline& deadline) {
  PGconn* const connection = connection_.get();
  if (::PQstatus(connection) == CONNECTION_BAD) {
    return ConnectError(::PQerrorMessage(connection), Secret());
  }
  int socket = -1;
  for (PostgresPollingStatusType next = PGRES_POLLING_WRITING; next != PGRES_POLLING_OK;
       next = ::PQconnectPoll(connection)) {
    if (next == PGRES_POLLING_FAILED) {
      return ConnectError(::PQerrorMessage(connection), Secret());
    }
    // libpq takes a new socket when it tries again without TLS.
    if (std::exchange(socket, ::PQsocket(connection)) != ::PQsocket(connection)) {
      received_ = consumed_ = 0;
    }
    // A server that never stops talking is always ready.
    const Result<short> ready = deadline.Poll(deadline.Expired() ? -1 : socket,
                                              next == PGRES_POLLING_READING ? POLLIN : POLLOUT);
    if (!ready.ok()) return ready.error().Within(Awaited(connection));
    CountReceived();
    const Status size = CheckSize();
    if (!size.ok()) return size.error();
  }
  return Ok{};
}

Session::Outcome Session::Run(const std::string& sql, const Deadline& deadline) {
  before_ = received_;
  if (::PQsendQuery(connection_.get(), sql.c_str()) == 0) return {Lost(), false};
  // Row by row, so that the caps hold before libpq has gathered everything.
  ::PQsetSingleRowMode(connection_.get());
  Result<Result<Table>> reply = ReadReply(deadline, false);
  if (!reply.ok()) return {reply.error(), false};
  return {std::move(reply).value(), ::PQstatus(connection_.get()) == CONNECTION_OK};
}

Result<std::vector<Result<Table>>> Session::RunAll(const std::vector<std::string>& statements,
                                                   const Deadline& deadline) {
  before_ = received_;
  PGconn* const connection = connection_.get();
  if (::PQenterPipelineMode(connection) == 0) return Lost();
  for (const std::string& statement : statements) {
    // A synchronisation after each: each is a transaction of its own, and an error ends only it.
    if (::PQsendQueryParams(connection, statement.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                            0) == 0 ||
        ::PQpipelineSync(connection) == 0) {
      return Lost();
    }
  }
  std::vector<Result<Table>> tables;
  while (tables.size() < statements.size()) {
    ::PQsetSingleRowMode(connection);
    Result<Result<Table>> reply = ReadReply(deadline, true);
    if (!reply.ok()) return reply.error();
    tables.push_back(std::move(reply).value());
  }
  if (::PQexitPipelineMode(connection) == 0) return Lost();
  return tables;
}

Result<Result<Table>> Session::ReadReply(const Deadline& deadline, bool pipeline) {
  Reply reply;
  for (bool ended = false;;) {
    const Status ready = AwaitResult(deadline);
    if (!ready.ok()) return ready.error();
    const ResultHandle result(::PQgetResult(connection_.get()));
    if (result == nullptr) {
      // In a pipeline a null stands between a statement's results and its synchronisation.
      if (!pipeline || ended) break;
      ended = true;
      continue;
    }
    if (::PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) break;
    const Status added = reply.Add(*result, Secret());
    if (!added.ok()) return added.error();
    if (!reply.fatal()) continue;
    Result<Table> fatal = std::move(reply).Take();
    return std::move(fatal).error();
  }
  if (::PQstatus(connection_.get()) != CONNECTION_OK) return Lost();
  return std::move(reply).Take();
}

Status Session::AwaitResult(const Deadline& deadline) {
  for (;;) {
    const int unsent = ::PQflush(connection_.get());
    if (unsent < 0) return Lost();
    if (::PQisBusy(connection_.get()) == 0) return Ok{};
    const auto events = static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
    const Status received = Receive(deadline, events);
    if (!received.ok()) return received.error();
  }
}

Status Session::Receive(const Deadline& deadline, short events) {
  short ready = POLLIN;
  // A server that never stops talking is always ready.
  if (deadline.Expired()) return deadline.Poll(-1, 0).error();
  if (!TlsHasDecryptedBytes(::PQsslStruct(connection_.get(), "OpenSSL"))) {
    const Result<short> polled = deadline.Poll(::PQsocket(connection_.get()), events);
    if (!polled.ok()) return polled.error();
    ready = *polled;
  }
  if ((ready & ~POLLOUT) == 0) return Ok{};
  CountReceived();
  const Status size = CheckSize();
  if (!size.ok()) return size.error();
  if (::PQconsumeInput(connection_.get()) == 0) return Lost();
  return Ok{};
}

bool Session::Usable(const Deadline& deadline) {
  constexpr int kMostReads = 8;  // a server has little to say to an idle session
  const Deadline now = deadline.Within(Duration::zero());
  for (int i = 0; i < kMostReads; ++i) {
    if (!now.Poll(::PQsocket(connection_.get()), POLLIN).ok()) {
      return ::PQstatus(connection_.get()) == CONNECTION_OK;
    }
    if (::PQconsumeInput(connection_.get()) == 0) return false;
    static_cast<void>(::PQisBusy(connection_.get()));  // lets libpq look at what came
  }
  return false;
}

// What the kernel has received for us, so that one message of a gigabyte, which libpq would gather
// in memory first, is seen while it comes.
void Session::CountReceived() {
  const int socket = ::PQsocket(connection_.get());
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) {
    received_ = info.tcpi_bytes_received;
  } else {
    CountUnix(socket);
  }
}

// A unix socket has no counter, and what waits before and after a read says nothing of what arrived
// between. But the place at which it would let one peek goes down by what is read (socket(7),
// SO_PEEK_OFF), and libpq never peeks.
void Session::CountUnix(int socket) {
  constexpr int kFar = std::numeric_limits<int>::max();
  int place = -1;  // as long as nobody has set it
  socklen_t size = sizeof place;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEEK_OFF, &place, &size) == 0 && place >= 0) {
    consumed_ += static_cast<std::uint64_t>(kFar - place);
  }
  ::setsockopt(socket, SOL_SOCKET, SO_PEEK_OFF, &kFar, sizeof kFar);
  int waiting = 0;
  if (::ioctl(socket, FIONREAD, &waiting) != 0) return;
  received_ = consumed_ + static_cast<std::uint64_t>(waiting);
}

Status Session::CheckSize() {
  if (received_ - before_ <= Connection::kMaxBytes) return Ok{};
  return Error{ErrorKind::kProtocol,
               fmt::format("the server sent more than {} bytes", Connection::kMaxBytes)};
}

std::string_view Session::Secret() const {
  const char* const password = ::PQpass(connection_.get());
  return password == nullptr ? std::string_view() : password;
}

Error Session::Lost() const { return LostError(::PQerrorMessage(connection_.get()), Secret()); }

}  // namespace headroom::pq
