// PgbouncerCollector: the pools of one PgBouncer process, from its admin console.
//
// A run asks every SHOW that it needs, one after the other over one session, limits and
// configuration too: a limit from an earlier run would be false after a RELOAD, and a SHOW is
// answered from memory within a millisecond.
//
// Parts: "pools" (SHOW POOLS, DATABASES and, from 1.23 on, USERS: what pools are made of) is
// required; "config", (from 1.19 on) "state", "lists" and "stats" are one SHOW each, in this order.
// When the session ends during an optional part, that part and those after it fail.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "collectors/collector.h"
#include "collectors/pgbouncer/console.h"
#include "collectors/pgbouncer/options.h"
#include "collectors/pgbouncer/pools.h"

namespace headroom::pgbouncer {

class PgbouncerCollector final : public Collector {
 public:
  PgbouncerCollector(std::unique_ptr<Console> console, Routing routing, Declared declared);

  Result<Reading> Collect(const Deadline& deadline) override;

 private:
  Result<PoolRows> AskPools(const Deadline& deadline);
  // Parses the reply to one SHOW; without a session the error that ended it.
  template <class T>
  Result<T> Ask(std::string_view what, Result<T> (*parse)(const pq::Table&),
                const Deadline& deadline);
  // The same as an optional part of `reading`; disengaged when it is unanswered.
  template <class T>
  std::optional<T> AskPart(std::string_view part, std::string_view what,
                           Result<T> (*parse)(const pq::Table&), Reading& reading,
                           const Deadline& deadline);
  // The part "state" and its facts, where the version has it. PoolRows::all_paused.
  AllPaused AskPause(Reading& reading, const Deadline& deadline);

  std::unique_ptr<Console> console_;
  Routing routing_;
  Declared declared_;
  Error ended_;                 // why the session ended in this run
  bool refused_ = false;        // to the last question the console said no, and stays open
  bool answers_state_ = false;  // SHOW STATE, in this run or an earlier one
};

// The row of the collector table.
CollectorType PgbouncerCollectorType();

}  // namespace headroom::pgbouncer
