// PostgresqlCollector: the connections, locks and replication of one PostgreSQL server, 12 or
// newer.
//
// One session, kept; one round trip per run, in which each statement is a transaction of its own
// (statements.h). Database sizes, which may take long, are asked for in a round trip after it.
#pragma once

#include <optional>
#include <vector>

#include "collectors/collector.h"
#include "collectors/libpq/connection.h"
#include "collectors/postgresql/activity.h"
#include "collectors/postgresql/options.h"
#include "collectors/postgresql/replication.h"
#include "collectors/postgresql/statements.h"

namespace headroom::postgresql {

class PostgresqlCollector final : public Collector {
 public:
  PostgresqlCollector(const PostgresqlOptions& options, const Clock& clock);

  Result<Reading> Collect(const Deadline& deadline) override;

 private:
  struct Replies;

  Status Connect(const Deadline& deadline);
  std::vector<Statement> Statements() const;
  // Everything that fills the required part.
  Status AddConnections(const Replies& replies, Reading& reading, Server& server) const;
  // Forgets what was seen of another server, or of this one before it was restarted. Servers of one
  // cluster have one system identifier, so that does not tell them apart.
  void ForgetOthers(const Server& server);
  void AddLocks(const Replies& replies, const Server& server, Reading& reading) const;
  void AddReplication(const Replies& replies, Reading& reading);
  void AddSizes(const Deadline& deadline, Reading& reading);

  const Wanted wanted_;
  const Clock& clock_;
  pq::Connection connection_;
  // Of the runs before, with this very server: a dsn may lead to another one after each connect.
  double start_time_ = 0;
  std::optional<std::string> address_;
  StandbyWatch watch_;
  std::vector<Standby> standbys_;
};

// The row of the collector table.
CollectorType PostgresqlCollectorType();

}  // namespace headroom::postgresql
