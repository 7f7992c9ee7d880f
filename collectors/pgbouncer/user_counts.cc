#include "collectors/pgbouncer/user_counts.h"

#include <algorithm>

namespace headroom::pgbouncer {
namespace {

std::uint64_t TotalOf(const std::string& user, const std::map<std::string, std::uint64_t>& totals) {
  const auto found = totals.find(user);
  return found == totals.end() ? 0 : found->second;
}

}  // namespace

std::map<std::string, std::uint64_t> TotalsByUser(const std::vector<PoolRow>& pools) {
  std::map<std::string, std::uint64_t> totals;
  for (const PoolRow& row : pools) totals[row.user] += row.Total();
  return totals;
}

std::set<std::string> MiscountedUsers(const PoolRows& rows) {
  std::set<std::string> miscounted;
  if (!rows.users) return miscounted;
  const auto before = TotalsByUser(rows.pools);
  const auto after = rows.pools_after ? TotalsByUser(*rows.pools_after) : before;
  for (const UserRow& user : *rows.users) {
    const std::uint64_t least = std::min(TotalOf(user.name, before), TotalOf(user.name, after));
    if (user.current_connections < least) miscounted.insert(user.name);
  }
  return miscounted;
}

}  // namespace headroom::pgbouncer
