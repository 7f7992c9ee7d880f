#include "collectors/pgbouncer/facts.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace headroom::pgbouncer {
namespace {

constexpr MetricType kGauge = MetricType::kGauge;
constexpr MetricType kCounter = MetricType::kCounter;

constexpr std::array<std::string_view, 2> kPoolLabels = {"database", "user"};
constexpr std::array<std::string_view, 6> kDatabaseLabels = {"name",     "host",       "port",
                                                             "database", "force_user", "pool_mode"};
constexpr std::array<std::string_view, 1> kUserLabels = {"user"};
constexpr std::array<std::string_view, 1> kStatsLabels = {"database"};
constexpr std::array<std::string_view, 1> kStateLabels = {"state"};
constexpr std::array<std::string_view, 1> kVersionLabels = {"version"};

template <class Row>
struct Column {
  std::optional<std::uint64_t> Row::*field;
  FactDesc desc;
};

constexpr auto kPoolColumns = std::to_array<Column<PoolRow>>({
    {&PoolRow::clients_active,
     {"pgbouncer_pools_client_active_connections",
      "Clients that have a server connection, or are idle and wait for none.", kGauge,
      kPoolLabels}},
    {&PoolRow::clients_active_cancel,
     {"pgbouncer_pools_client_active_cancel_connections",
      "Clients whose cancel request was sent on and is not answered yet (1.18 and later).", kGauge,
      kPoolLabels}},
    {&PoolRow::clients_waiting_cancel,
     {"pgbouncer_pools_client_waiting_cancel_connections",
      "Clients whose cancel request was not sent on yet (1.18 and later).", kGauge, kPoolLabels}},
});

constexpr FactDesc kPoolSize{"pgbouncer_databases_pool_size",
                             "Server connections that each pool of the database may have, where "
                             "its user has no size of its own; 0 is unlimited from 1.24 on.",
                             kGauge, kDatabaseLabels};
constexpr FactDesc kReserve{"pgbouncer_databases_reserve_pool",
                            "Server connections that each pool of the database may have beyond "
                            "its size when clients have waited for reserve_pool_timeout.",
                            kGauge, kDatabaseLabels};
constexpr auto kDatabaseColumns = std::to_array<Column<DatabaseRow>>({
    {&DatabaseRow::min_pool_size,
     {"pgbouncer_databases_min_pool_size",
      "Server connections that PgBouncer keeps in each pool of the database (1.16 and later).",
      kGauge, kDatabaseLabels}},
    {&DatabaseRow::max_client_connections,
     {"pgbouncer_databases_max_client_connections",
      "Clients that the database may have; 0 is unlimited (1.24 and later).", kGauge,
      kDatabaseLabels}},
    {&DatabaseRow::current_client_connections,
     {"pgbouncer_databases_current_client_connections",
      "Clients that the database has (1.24 and later).", kGauge, kDatabaseLabels}},
});
constexpr auto kUserColumns = std::to_array<Column<UserRow>>({
    {&UserRow::max_client_connections,
     {"pgbouncer_users_max_client_connections",
      "Clients that the user may have, over all databases; 0 is unlimited (1.24 and later).",
      kGauge, kUserLabels}},
    {&UserRow::current_client_connections,
     {"pgbouncer_users_current_client_connections",
      "Clients that the user has, over all databases (1.24 and later).", kGauge, kUserLabels}},
});
constexpr FactDesc kPaused{"pgbouncer_databases_paused",
                           "1 while the database is paused by itself, else 0.", kGauge,
                           kDatabaseLabels};
constexpr FactDesc kDisabled{"pgbouncer_databases_disabled",
                             "1 while the database takes no new clients, else 0.", kGauge,
                             kDatabaseLabels};

// In the order of kStatsColumns.
constexpr std::array<FactDesc, kStatsColumns.size()> kStats = {{
    {"pgbouncer_stats_totals_server_assignments_total",
     "Times that a server connection was given to a client (1.23 and later).", kCounter,
     kStatsLabels},
    {"pgbouncer_stats_totals_sql_transactions_pooled_total", "Transactions pooled.", kCounter,
     kStatsLabels},
    {"pgbouncer_stats_totals_queries_pooled_total", "Queries pooled.", kCounter, kStatsLabels},
    {"pgbouncer_stats_totals_received_bytes_total", "Bytes received from clients.", kCounter,
     kStatsLabels},
    {"pgbouncer_stats_totals_sent_bytes_total", "Bytes sent to clients.", kCounter, kStatsLabels},
    {"pgbouncer_stats_totals_server_in_transaction_seconds_total",
     "Time that server connections were in a transaction.", kCounter, kStatsLabels},
    {"pgbouncer_stats_totals_queries_duration_seconds_total",
     "Time that server connections were busy with queries.", kCounter, kStatsLabels},
    {"pgbouncer_stats_totals_client_wait_seconds_total",
     "Time that clients waited for a server connection.", kCounter, kStatsLabels},
    {"pgbouncer_stats_totals_client_parses_total",
     "Prepared statements that clients created (1.24 and later).", kCounter, kStatsLabels},
    {"pgbouncer_stats_totals_server_parses_total",
     "Prepared statements that PgBouncer created on servers (1.24 and later).", kCounter,
     kStatsLabels},
    {"pgbouncer_stats_totals_binds_total", "Prepared statements that clients ran (1.24 and later).",
     kCounter, kStatsLabels},
}};

struct ListFact {
  std::string_view list;
  FactDesc desc;
};

constexpr auto kLists = std::to_array<ListFact>({
    {"databases", {"pgbouncer_databases", "Databases, the console among them.", kGauge}},
    {"users", {"pgbouncer_users", "Users that PgBouncer knows.", kGauge}},
    {"pools", {"pgbouncer_pools", "Pools, the console's among them.", kGauge}},
    {"free_clients", {"pgbouncer_free_clients", "Client structures that are free.", kGauge}},
    {"used_clients",
     {"pgbouncer_used_clients",
      "Client connections, those of the console among "
      "them.",
      kGauge}},
    {"login_clients", {"pgbouncer_login_clients", "Clients that are logging in.", kGauge}},
    {"free_servers", {"pgbouncer_free_servers", "Server structures that are free.", kGauge}},
    {"used_servers", {"pgbouncer_used_servers", "Server connections.", kGauge}},
    {"dns_names", {"pgbouncer_cached_dns_names", "DNS names in the cache.", kGauge}},
    {"dns_zones", {"pgbouncer_cached_dns_zones", "DNS zones in the cache.", kGauge}},
    {"dns_queries", {"pgbouncer_in_flight_dns_queries", "DNS queries in flight.", kGauge}},
});

constexpr FactDesc kMaxClients{"pgbouncer_config_max_client_connections",
                               "The setting max_client_conn: clients that PgBouncer takes.",
                               kGauge};
constexpr FactDesc kMaxUser{"pgbouncer_config_max_user_connections",
                            "The setting max_user_connections: server connections of each user "
                            "that has no limit of its own; 0 is unlimited.",
                            kGauge};
constexpr FactDesc kState{"pgbouncer_state",
                          "1 for the state that PgBouncer as a whole is in, 0 for the others "
                          "(1.19 and later).",
                          kGauge, kStateLabels};
constexpr FactDesc kVersion{"pgbouncer_version_info", "1; the label is PgBouncer's version.",
                            kGauge, kVersionLabels};

constexpr std::array<const FactDesc*, 8> kSingle = {&kPoolSize,   &kReserve, &kPaused, &kDisabled,
                                                    &kMaxClients, &kMaxUser, &kState,  &kVersion};

constexpr auto kTable = [] {
  std::array<const FactDesc*, kSingle.size() + kPoolColumns.size() + kDatabaseColumns.size() +
                                  kUserColumns.size() + kStats.size() + kLists.size()>
      table{};
  std::size_t i = 0;
  for (const FactDesc* desc : kSingle) table[i++] = desc;
  for (const auto& column : kPoolColumns) table[i++] = &column.desc;
  for (const auto& column : kDatabaseColumns) table[i++] = &column.desc;
  for (const auto& column : kUserColumns) table[i++] = &column.desc;
  for (const FactDesc& desc : kStats) table[i++] = &desc;
  for (const ListFact& list : kLists) table[i++] = &list.desc;
  return table;
}();

// NULL: the label that is not there.
std::string OrEmpty(const std::optional<std::string>& text) { return text ? *text : ""; }

}  // namespace

std::span<const FactDesc* const> FactTable() { return kTable; }

void AddPoolFacts(const std::vector<PoolRow>& pools, std::vector<Fact>& facts) {
  for (const PoolRow& row : pools) {
    for (const auto& [field, desc] : kPoolColumns) {
      const auto& count = row.*field;
      if (count) facts.push_back({&desc, {row.database, row.user}, static_cast<double>(*count)});
    }
  }
}

void AddDatabaseFacts(const std::vector<DatabaseRow>& databases, std::vector<Fact>& facts) {
  for (const DatabaseRow& row : databases) {
    const std::vector<std::string> labels = {
        row.name,     OrEmpty(row.host),       row.port,
        row.database, OrEmpty(row.force_user), OrEmpty(row.pool_mode)};
    facts.push_back({&kPoolSize, labels, static_cast<double>(row.pool_size)});
    facts.push_back({&kReserve, labels, static_cast<double>(row.reserve_pool_size)});
    for (const auto& [field, desc] : kDatabaseColumns) {
      const auto& count = row.*field;
      if (count) facts.push_back({&desc, labels, static_cast<double>(*count)});
    }
    if (row.paused) facts.push_back({&kPaused, labels, *row.paused ? 1.0 : 0.0});
    if (row.disabled) facts.push_back({&kDisabled, labels, *row.disabled ? 1.0 : 0.0});
  }
}

void AddUserFacts(const std::vector<UserRow>& users, const std::vector<PoolRow>& pools,
                  std::vector<Fact>& facts) {
  std::set<std::string_view> with_pool;
  for (const PoolRow& row : pools) with_pool.insert(row.user);
  for (const UserRow& row : users) {
    const bool has_client = row.current_client_connections > 0U;
    if (!has_client && !with_pool.contains(row.name)) continue;
    for (const auto& [field, desc] : kUserColumns) {
      const auto& count = row.*field;
      if (count) facts.push_back({&desc, {row.name}, static_cast<double>(*count)});
    }
  }
}

void AddStatsFacts(const std::vector<DatabaseStats>& stats, std::vector<Fact>& facts) {
  for (const DatabaseStats& row : stats) {
    for (std::size_t i = 0; i < kStats.size(); ++i) {
      if (row.totals[i]) facts.push_back({&kStats[i], {row.database}, *row.totals[i]});
    }
  }
}

void AddListFacts(const std::vector<ListSize>& lists, std::vector<Fact>& facts) {
  for (const auto& [list, desc] : kLists) {
    const auto size = SizeOf(lists, list);
    if (size) facts.push_back({&desc, {}, static_cast<double>(*size)});
  }
}

void AddLimitFacts(const Limits& limits, std::vector<Fact>& facts) {
  facts.push_back({&kMaxClients, {}, static_cast<double>(limits.max_client_conn)});
  facts.push_back({&kMaxUser, {}, static_cast<double>(limits.max_user_connections)});
}

void AddStateFacts(const State& state, std::vector<Fact>& facts) {
  facts.push_back({&kState, {"active"}, state.active ? 1.0 : 0.0});
  facts.push_back({&kState, {"paused"}, state.paused ? 1.0 : 0.0});
  facts.push_back({&kState, {"suspended"}, state.suspended ? 1.0 : 0.0});
}

void AddVersionFact(std::string_view server_version, std::vector<Fact>& facts) {
  const std::string number(server_version.substr(0, server_version.find('/')));
  if (!number.empty()) facts.push_back({&kVersion, {"PgBouncer " + number}, 1});
}

}  // namespace headroom::pgbouncer
