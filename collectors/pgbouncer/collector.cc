#include "collectors/pgbouncer/collector.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "collectors/pgbouncer/facts.h"
#include "collectors/pgbouncer/flags.h"
#include "collectors/pgbouncer/rows.h"
#include "collectors/pgbouncer/settings.h"
#include "collectors/pgbouncer/stats.h"
#include "collectors/pgbouncer/user_counts.h"

namespace headroom::pgbouncer {
namespace {

constexpr std::string_view kPools = "pools";
constexpr std::string_view kConfig = "config";
constexpr std::string_view kState = "state";
constexpr std::string_view kLists = "lists";
constexpr std::string_view kStats = "stats";
constexpr std::array<std::string_view, 5> kParts = {kPools, kConfig, kState, kLists, kStats};

// PoolRows::one_process.
std::optional<bool> IsOneProcess(bool own_address, const std::optional<Limits>& limits) {
  if (own_address) return true;
  if (!limits) return std::nullopt;
  return !limits->so_reuseport;
}

}  // namespace

PgbouncerCollector::PgbouncerCollector(std::unique_ptr<Console> console, Routing routing,
                                       Declared declared)
    : console_(std::move(console)), routing_(std::move(routing)), declared_(std::move(declared)) {}

template <class T>
Result<T> PgbouncerCollector::Ask(std::string_view what, Result<T> (*parse)(const pq::Table&),
                                  const Deadline& deadline) {
  refused_ = false;
  if (!console_->open()) return ended_;
  auto table = console_->Show(what, deadline);
  if (table.ok()) return parse(*table);
  refused_ = console_->open();
  if (!refused_) ended_ = table.error();
  return table.error();
}

template <class T>
std::optional<T> PgbouncerCollector::AskPart(std::string_view part, std::string_view what,
                                             Result<T> (*parse)(const pq::Table&), Reading& reading,
                                             const Deadline& deadline) {
  auto answer = Ask(what, parse, deadline);
  Part& asked = reading.parts.emplace_back(Part{std::string(part), false, std::nullopt});
  if (answer.ok()) return std::move(answer).value();
  asked.error = answer.error();
  return std::nullopt;
}

Result<PoolRows> PgbouncerCollector::AskPools(const Deadline& deadline) {
  PoolRows rows;
  rows.version = console_->version();
  auto pools = console_->Show("POOLS", deadline);
  if (!pools.ok()) return pools.error();
  auto databases = console_->Show("DATABASES", deadline);
  if (!databases.ok()) return databases.error();
  auto pool_rows = ParsePools(*pools, rows.version);
  if (!pool_rows.ok()) return pool_rows.error();
  auto database_rows = ParseDatabases(*databases);
  if (!database_rows.ok()) return database_rows.error();
  rows.pools = std::move(*pool_rows);
  rows.databases = std::move(*database_rows);
  if (rows.version < kUserLimits) return rows;
  auto users = console_->Show("USERS", deadline);
  if (!users.ok()) return users.error();
  auto user_rows = ParseUsers(*users, rows.version);
  if (!user_rows.ok()) return user_rows.error();
  rows.users = std::move(*user_rows);
  if (MiscountedUsers(rows).empty()) return rows;
  pools = console_->Show("POOLS", deadline);
  if (!pools.ok()) return pools.error();
  pool_rows = ParsePools(*pools, rows.version);
  if (!pool_rows.ok()) return pool_rows.error();
  rows.pools_after = std::move(*pool_rows);
  return rows;
}

AllPaused PgbouncerCollector::AskPause(Reading& reading, const Deadline& deadline) {
  if (console_->version() < kShowState) return AllPaused::kNotTold;
  const auto state = AskPart(kState, "STATE", &ParseState, reading, deadline);
  if (state) {
    answers_state_ = true;
    AddStateFacts(*state, reading.facts);
    return state->paused || state->suspended ? AllPaused::kYes : AllPaused::kNo;
  }
  // A console that never has answered and says no does not have the command, or not for this user;
  // one that has, or that is silent, may be paused by now.
  return refused_ && !answers_state_ ? AllPaused::kNotTold : AllPaused::kUnknown;
}

Result<Reading> PgbouncerCollector::Collect(const Deadline& deadline) {
  if (Status opened = console_->Open(deadline); !opened.ok()) return opened.error();
  const int version = console_->version();
  if (version < kOldest) {
    return Error{ErrorKind::kUnsupported,
                 fmt::format("PgBouncer {} is too old: 1.12 is the oldest that is supported",
                             console_->version_text())};
  }
  Reading reading;
  AddVersionFact(console_->version_text(), reading.facts);
  auto rows = AskPools(deadline);
  if (!rows.ok()) return rows.error();
  reading.parts.push_back({std::string(kPools), true, std::nullopt});
  AddPoolFacts(rows->pools, reading.facts);
  AddDatabaseFacts(rows->databases, reading.facts);
  if (rows->users) AddUserFacts(*rows->users, rows->pools, reading.facts);

  // Asked now: what follows may end the session.
  const bool own_address = declared_.one_process || console_->local();
  const auto limits = AskPart(kConfig, "CONFIG", &ParseLimits, reading, deadline);
  if (limits) AddLimitFacts(*limits, reading.facts);
  rows->one_process = IsOneProcess(own_address, limits);
  rows->all_paused = AskPause(reading, deadline);
  Pools made = MakePools(*rows, limits, routing_, declared_);
  reading.pools = std::move(made.pools);
  reading.problems = std::move(made.problems);

  if (const auto lists = AskPart(kLists, "LISTS", &ParseLists, reading, deadline)) {
    AddListFacts(*lists, reading.facts);
    const auto clients = SizeOf(*lists, "used_clients");
    if (clients) reading.pools.push_back(MakeServerPool(*clients, limits));
  }
  const auto stats = AskPart(kStats, "STATS_TOTALS", &ParseStats, reading, deadline);
  if (stats) AddStatsFacts(*stats, reading.facts);
  return reading;
}

CollectorType PgbouncerCollectorType() {
  return CollectorType{
      "pgbouncer",
      [](OptionsReader& reader) -> ParsedTarget {
        auto options = ParseOptions(reader);
        if (!options) return {};
        const auto parsed = std::make_shared<PgbouncerOptions>(std::move(*options));
        ParsedTarget target;
        target.make = [parsed](const Clock&) {
          return std::make_unique<PgbouncerCollector>(
              std::make_unique<ConsoleSession>(parsed->connection), parsed->routing,
              parsed->declared);
        };
        target.links = parsed->links;
        target.declare_pool = [parsed](const PoolName& pool) { return Declare(pool, *parsed); };
        return target;
      },
      FactTable(),
      kParts,
      std::chrono::milliseconds(50),
      kFlags,
      PoolKind::kPooler,
  };
}

}  // namespace headroom::pgbouncer
