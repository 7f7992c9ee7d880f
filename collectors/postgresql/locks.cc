#include "collectors/postgresql/locks.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "collectors/postgresql/columns.h"
#include "collectors/postgresql/statements.h"

namespace headroom::postgresql {
namespace {

constexpr std::int64_t kWaitStartSince = 140000;

// "4711 0 4712": what pg_blocking_pids() gives; 0 is a prepared transaction.
std::optional<std::vector<std::int64_t>> ParsePids(std::string_view text) {
  std::vector<std::int64_t> pids;
  while (!text.empty()) {
    std::int64_t pid = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), pid);
    if (fault != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty()) {
      if (text.front() != ' ') return std::nullopt;
      text.remove_prefix(1);
    }
    pids.push_back(pid);
  }
  return pids;
}

class ChainSearch {
 public:
  explicit ChainSearch(const WaitGraph& graph) : graph_(graph) {}

  // Recursion is as deep as there are waiting sessions: kMaxWaitersForChain.
  std::uint64_t From(std::int64_t session) {  // NOLINT(misc-no-recursion): bounded, see above
    const auto edges = graph_.find(session);
    if (edges == graph_.end()) return 0;
    const auto known = lengths_.find(session);
    if (known != lengths_.end()) return known->second;
    if (!on_path_.insert(session).second) return 0;  // a cycle: counted once
    std::uint64_t longest = 0;
    for (const std::int64_t blocker : edges->second) {
      if (blocker != session) longest = std::max(longest, 1 + From(blocker));
    }
    on_path_.erase(session);
    lengths_.emplace(session, longest);
    return longest;
  }

 private:
  const WaitGraph& graph_;
  std::set<std::int64_t> on_path_;
  std::map<std::int64_t, std::uint64_t> lengths_;
};

}  // namespace

std::uint64_t LongestChain(const WaitGraph& graph) {
  std::uint64_t longest = 0;
  ChainSearch search(graph);
  for (const auto& [session, blockers] : graph) longest = std::max(longest, search.From(session));
  return longest;
}

Result<Locks> ParseLocks(const pq::Table& table, std::int64_t version) {
  const std::string_view what = Name(Statement::kLocks);
  if (Status there = RequireColumns(table, what, {"longest_wait", "session", "blockers"});
      !there.ok()) {
    return there.error();
  }
  if (table.rows.empty()) return Error{ErrorKind::kProtocol, std::string(what) + ": no row"};
  Locks locks;
  WaitGraph graph;
  std::uint64_t processes = 0;
  pq::TableReader row(table, what);
  while (row.Next()) {
    processes = row.Count("processes");
    locks.waiting_sessions = row.Count("sessions");
    locks.longest_wait_seconds = Elapsed(row.NumberOrNull("longest_wait"));
    const auto session = row.IntegerOrNull("session");
    if (!session) continue;
    auto blockers = ParsePids(row.Text("blockers"));
    if (!blockers) {
      row.Fail("blockers", "is no list of process ids");
      continue;
    }
    auto& all = graph[*session];  // a leader and its workers wait as one
    all.insert(all.end(), blockers->begin(), blockers->end());
  }
  if (!row.status().ok()) return row.status().error();
  if (processes == 0 && version >= kWaitStartSince) locks.longest_wait_seconds = 0;
  if (graph.size() == locks.waiting_sessions) locks.longest_chain = LongestChain(graph);
  return locks;
}

}  // namespace headroom::postgresql
