#include "collectors/postgresql/collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "collectors/postgresql/columns.h"
#include "collectors/postgresql/flags.h"
#include "collectors/postgresql/locks.h"
#include "collectors/postgresql/pools.h"
#include "collectors/postgresql/server_facts.h"
#include "collectors/postgresql/session.h"

namespace headroom::postgresql {
namespace {

constexpr int kOldestVersion = 120000;
constexpr std::string_view kConnectionsPart = "connections";
constexpr std::string_view kLocksPart = "locks";
constexpr std::string_view kReplicationPart = "replication";
constexpr std::string_view kSizesPart = "sizes";
constexpr std::array<std::string_view, 4> kParts = {kConnectionsPart, kLocksPart, kReplicationPart,
                                                    kSizesPart};

template <class T>
std::optional<Error> ErrorOf(const Result<T>& result) {
  if (result.ok()) return std::nullopt;
  return result.error();
}

void AddPart(Reading& reading, std::string_view name, std::optional<Error> error) {
  reading.parts.push_back(Part{std::string(name), name == kConnectionsPart, std::move(error)});
}

// Sessions that the server does not track are in no state that would be known.
void AddUntracked(const std::vector<Sessions>& activity, Reading& reading) {
  std::uint64_t untracked = 0;
  for (const Sessions& s : activity) {
    if (!s.Tracked()) untracked += s.connections;
  }
  if (untracked == 0) return;
  reading.problems.push_back(
      Problem{"sessions",
              {ErrorKind::kUnsupported,
               fmt::format("{} of them run with track_activities = off: they count as \"other\"",
                           untracked)}});
}

Status ParseSizes(const pq::Table& table, std::vector<Fact>& out) {
  const std::string_view what = Name(Statement::kSizes);
  if (Status there = RequireColumns(table, what, {"datname", "bytes"}); !there.ok()) return there;
  if (Status whole = RequireWhole(table, what, kMaxSizes); !whole.ok()) return whole;
  std::vector<Fact> facts;
  pq::TableReader row(table, what);
  while (row.Next()) {
    const std::string database = row.Text("datname");
    if (const auto bytes = row.CountOrNull("bytes")) {
      AddSizeFact(database, static_cast<double>(*bytes), facts);
    }
  }
  if (!row.status().ok()) return row.status();
  out.insert(out.end(), facts.begin(), facts.end());
  return Ok{};
}

}  // namespace

// The replies of one round, by statement.
struct PostgresqlCollector::Replies {
  std::vector<Statement> asked;
  std::vector<Result<pq::Table>> tables;  // as many

  // What `parse` makes of the reply to a statement that was asked.
  template <class Parse>
  auto Read(Statement statement, const Parse& parse) const
      -> decltype(parse(std::declval<const pq::Table&>())) {
    const auto index = std::find(asked.begin(), asked.end(), statement) - asked.begin();
    const Result<pq::Table>& table = tables[static_cast<std::size_t>(index)];
    if (!table.ok()) return table.error().Within(Name(statement));
    return parse(*table);
  }
};

PostgresqlCollector::PostgresqlCollector(const PostgresqlOptions& options, const Clock& clock)
    : wanted_(options.wanted), clock_(clock), connection_(options.connection) {}

Status PostgresqlCollector::Connect(const Deadline& deadline) {
  Status connected =
      connection_.Connect(deadline, {{"options", SessionOptions(deadline.Remaining())}});
  if (!connected.ok()) return ExplainConnectError(connected.error());
  const std::string version = connection_.server_parameter("server_version");
  if (version.find("bouncer") != std::string::npos) {
    connection_.Drop();
    return Error{ErrorKind::kUnsupported,
                 "the dsn leads to the console of a PgBouncer; watch that by [[pgbouncer]]"};
  }
  if (connection_.server_version() < kOldestVersion) {
    connection_.Drop();
    return Error{ErrorKind::kUnsupported,
                 fmt::format("PostgreSQL {}: 12 is the oldest that is supported", version)};
  }
  return Ok{};
}

std::vector<Statement> PostgresqlCollector::Statements() const {
  std::vector<Statement> all = {Statement::kServer, Statement::kActivity, Statement::kLimits};
  if (wanted_.locks) all.push_back(Statement::kLocks);
  if (wanted_.replication) {
    all.insert(all.end(), {Statement::kStandbys, Statement::kSlots, Statement::kRecovery});
  }
  return all;
}

Result<Reading> PostgresqlCollector::Collect(const Deadline& deadline) {
  if (Status connected = Connect(deadline); !connected.ok()) return connected.error();
  Replies replies{Statements(), {}};
  std::vector<std::string> sql;
  for (const Statement statement : replies.asked) {
    sql.push_back(Sql(statement, connection_.server_version()));
  }
  auto tables = connection_.QueryAll(sql, deadline);
  if (!tables.ok()) return tables.error();
  replies.tables = std::move(*tables);
  Reading reading;
  Server server;
  if (Status done = AddConnections(replies, reading, server); !done.ok()) {
    // A session with foreign settings is not one to keep.
    if (done.error().kind == ErrorKind::kUnsupported) connection_.Drop();
    return done.error();
  }
  ForgetOthers(server);
  if (wanted_.locks) AddLocks(replies, server, reading);
  if (wanted_.replication) AddReplication(replies, reading);
  if (wanted_.sizes) AddSizes(deadline, reading);
  return reading;
}

Status PostgresqlCollector::AddConnections(const Replies& replies, Reading& reading,
                                           Server& server) const {
  auto settings = replies.Read(Statement::kServer, ParseServer);
  if (!settings.ok()) return settings.error();
  server = std::move(*settings);
  const auto activity = replies.Read(Statement::kActivity, ParseActivity);
  if (!activity.ok()) return activity.error();
  const auto limits = replies.Read(Statement::kLimits, ParseLimits);
  if (!limits.ok()) return limits.error();
  reading.pools = PoolsOf(server, *activity, *limits);
  AddServerFacts(server, reading.facts);
  AddTransactionFacts(*activity, *limits, reading.facts);
  if (wanted_.applications) AddApplicationFacts(*activity, reading.facts);
  if (wanted_.waits) AddWaitFacts(*activity, reading.facts);
  AddUntracked(*activity, reading);
  AddPart(reading, kConnectionsPart, std::nullopt);
  return Ok{};
}

void PostgresqlCollector::ForgetOthers(const Server& server) {
  if (server.start_time == start_time_ && server.address == address_) return;
  watch_.Forget();
  standbys_.clear();
  start_time_ = server.start_time;
  address_ = server.address;
}

void PostgresqlCollector::AddLocks(const Replies& replies, const Server& server,
                                   Reading& reading) const {
  const auto locks = replies.Read(Statement::kLocks, [&server](const pq::Table& table) {
    return ParseLocks(table, server.version);
  });
  if (locks.ok()) AddLockFacts(*locks, reading.facts);
  AddPart(reading, kLocksPart, ErrorOf(locks));
}

void PostgresqlCollector::AddReplication(const Replies& replies, Reading& reading) {
  auto standbys = replies.Read(Statement::kStandbys, ParseStandbys);
  const auto slots = replies.Read(Statement::kSlots, ParseSlots);
  const auto recovery = replies.Read(Statement::kRecovery, ParseRecovery);
  auto error = ErrorOf(standbys);
  if (!error) error = ErrorOf(slots);
  if (!error) error = ErrorOf(recovery);
  if (!error) {
    std::optional<ReplicaLag> lag;
    if (recovery->in_recovery) {
      lag = watch_.Update(*recovery, clock_.Now());
    } else {
      watch_.Forget();
    }
    const std::vector<Standby> before = std::exchange(standbys_, *standbys);
    DropKeptTimes(before, *standbys);
    AddStandbyFacts(*standbys, reading.facts);
    AddSlotFacts(*slots, reading.facts);
    AddRecoveryFacts(*recovery, lag, reading.facts);
  }
  AddPart(reading, kReplicationPart, std::move(error));
}

void PostgresqlCollector::AddSizes(const Deadline& deadline, Reading& reading) {
  const int version = connection_.server_version();
  auto tables = connection_.QueryAll({Sql(Statement::kSizes, version)}, deadline);
  Status done = tables.ok() ? Status(Ok{}) : Status(tables.error());
  if (tables.ok()) {
    const Result<pq::Table>& table = tables->front();
    done = table.ok() ? ParseSizes(*table, reading.facts)
                      : Status(table.error().Within(Name(Statement::kSizes)));
  }
  AddPart(reading, kSizesPart, ErrorOf(done));
}

CollectorType PostgresqlCollectorType() {
  return CollectorType{
      "postgresql",
      [](OptionsReader& reader) -> ParsedTarget {
        auto options = ParseOptions(reader);
        if (!options) return {};
        return {[parsed = std::move(*options)](const Clock& clock) {
                  return std::make_unique<PostgresqlCollector>(parsed, clock);
                },
                {}};
      },
      FactTable(),
      kParts,
      std::chrono::seconds(1),
      kFlags,
      PoolKind::kServer,
  };
}

}  // namespace headroom::postgresql
