// Connection: one session with a PostgreSQL or a PgBouncer console, through libpq, that never waits
// past a deadline.
//
// libpq is used through its non-blocking functions only. Whatever it cannot do without blocking is
// done around it: names are resolved by Resolver and handed over as addresses (PQconnectStart calls
// getaddrinfo), and nothing is ever cancelled (PQcancel of libpq 15 opens a blocking connection of
// its own: it hung for minutes against a stopped server). When a deadline passes the session is
// dropped; what ends the statement on the server is the server's own statement_timeout.
//
// What libpq does on its own is not bounded by a deadline: Kerberos, where gssencmode or a server
// asks for it (the library asks its key distribution centre), the work of SCRAM (the server chooses
// the number of iterations, as a 32-bit number), the name service for the account that the process
// runs under (the user and the folder that libpq takes when nobody names them), LDAP named by a
// service file, and files on a network that hangs. Of the connection string connect_timeout and
// load_balance_hosts have no effect: the deadline of Connect bounds an attempt, and hosts are tried
// in the order in which they stand.
//
// Threads: one at a time. Errors: kConnect (refused, reset, closed, starting up, shutting down),
// kTimeout (deadline, cancellation, the server's statement_timeout or lock_timeout), kAuth,
// kPermission (42501), kLimit (53300: no connection left for us), kProtocol (a reply that cannot be
// understood or is over the caps, a query that the server does not understand), kUnsupported,
// kInternal. Messages hold the server's words, never a password and never the connection string.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/deadline.h"
#include "collectors/libpq/table.h"
#include "collectors/net/resolver.h"
#include "collectors/net/stream.h"
#include "collectors/result.h"
#include "collectors/secret.h"

namespace headroom::pq {

// A word of a connection string and its value, as in libpq's documentation (34.1.2).
using Parameter = std::pair<std::string, std::string>;

struct ConnectionOptions {
  // Any libpq connection string, key/value or URI: several hosts, a service file, .pgpass and the
  // PG* variables of the environment work as libpq documents them.
  std::string conninfo;
  SecretSource password;  // when given, instead of what conninfo, .pgpass and environment say
  // When given, sslmode=verify-full unless conninfo names an sslmode, whatever service file and
  // environment say. ca_file, cert_file and key_file become sslrootcert, sslcert and sslkey;
  // server_name is what the certificate is checked against (libpq's `host`, with the address of the
  // real one beside it; .pgpass is still looked up by the real one). An empty ca_file is libpq's
  // own ~/.postgresql/root.crt, not the system's authorities: libpq 15 knows no way to those.
  std::optional<TlsOptions> tls;
  std::vector<Parameter> forced;    // win over conninfo: {"options", ""}
  std::vector<Parameter> defaults;  // used where conninfo, service file and environment are silent
};

class Session;

class Connection {
 public:
  // Caps of one reply; what is larger is kProtocol, and the session is dropped. Bytes are counted
  // between libpq's reads. Of a single message it reads on while the server sends faster than we
  // read, so that a hostile one on this machine can make it gather one of up to 1 GB.
  static constexpr std::size_t kMaxRows = 200'000;
  static constexpr std::size_t kMaxBytes = 64U << 20U;

  explicit Connection(ConnectionOptions options, Resolver& resolver = Resolver::Shared());
  ~Connection();  // closes; does not block
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool connected() const;
  // Opens the session if there is none, or if the server has closed it meanwhile. Reads the
  // password anew. `extra` is added to `forced`. Several hosts, and several addresses of one name,
  // are tried in order, each with a fair share of the time that is left; as with libpq only one
  // that cannot be reached leads to the next, not one that refuses us.
  Status Connect(const Deadline& deadline, const std::vector<Parameter>& extra = {});
  // Precondition: connected(). Simple query protocol, one statement: what PgBouncer's console
  // understands. An error that the server reports leaves the session in place unless it was fatal;
  // any other error drops it.
  Result<Table> Query(const std::string& sql, const Deadline& deadline);
  // Precondition: connected(). All statements in one round trip (libpq's pipeline mode, extended
  // protocol), each a transaction of its own: one that fails leaves the others alone. One entry
  // per statement, in order. The outer error: the session is gone and nothing can be used.
  Result<std::vector<Result<Table>>> QueryAll(const std::vector<std::string>& statements,
                                              const Deadline& deadline);
  void Drop();

  bool local() const;  // over a Unix socket; false without a session
  // Of the session's server; 0 and empty without one.
  int server_version() const;                            // 150018; PgBouncer says 11800 for 1.18.0
  std::string server_parameter(std::string_view) const;  // "server_version": "1.18.0/bouncer"

 private:
  ConnectionOptions options_;
  Resolver& resolver_;
  std::unique_ptr<Session> session_;
};

// What is wrong with a connection string, empty when nothing is: for the configuration. Never
// quotes it. Does not look at service files, the environment or the network.
std::string ConninfoFault(const std::string& conninfo);
// Does it hold a password?
bool HoldsPassword(const std::string& conninfo);

}  // namespace headroom::pq
