#include "collectors/libpq/connection.h"

#include <libpq-fe.h>
#include <sys/socket.h>

#include "collectors/libpq/connector.h"
#include "collectors/libpq/session.h"

namespace headroom::pq {

Connection::Connection(ConnectionOptions options, Resolver& resolver)
    : options_(std::move(options)), resolver_(resolver) {}

Connection::~Connection() = default;

bool Connection::connected() const { return session_ != nullptr; }

void Connection::Drop() { session_.reset(); }

Status Connection::Connect(const Deadline& deadline, const std::vector<Parameter>& extra) {
  if (session_ != nullptr && session_->Usable(deadline)) return Ok{};
  Drop();
  Result<std::unique_ptr<Session>> session = OpenSession(options_, extra, resolver_, deadline);
  if (!session.ok()) return session.error().Within("connecting");
  session_ = std::move(session).value();
  return Ok{};
}

Result<Table> Connection::Query(const std::string& sql, const Deadline& deadline) {
  Session::Outcome outcome = session_->Run(sql, deadline);
  if (!outcome.usable) Drop();
  return std::move(outcome.table);
}

Result<std::vector<Result<Table>>> Connection::QueryAll(const std::vector<std::string>& statements,
                                                        const Deadline& deadline) {
  Result<std::vector<Result<Table>>> tables = session_->RunAll(statements, deadline);
  if (!tables.ok()) Drop();
  return tables;
}

bool Connection::local() const {
  if (session_ == nullptr) return false;
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  return ::getsockname(::PQsocket(session_->handle()), generic, &size) == 0 &&
         address.ss_family == AF_UNIX;
}

int Connection::server_version() const {
  return session_ == nullptr ? 0 : ::PQserverVersion(session_->handle());
}

std::string Connection::server_parameter(std::string_view name) const {
  if (session_ == nullptr) return "";
  const char* const value = ::PQparameterStatus(session_->handle(), std::string(name).c_str());
  return value == nullptr ? "" : value;
}

}  // namespace headroom::pq
