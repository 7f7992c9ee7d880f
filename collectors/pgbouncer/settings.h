// The tables of names and values: SHOW CONFIG, SHOW LISTS and SHOW STATE. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/libpq/table.h"
#include "collectors/result.h"

namespace headroom::pgbouncer {

// What SHOW CONFIG says about limits. All of them have been there since 1.12, and a reply without
// one is an error.
struct Limits {
  std::uint64_t max_client_conn = 0;
  std::uint64_t max_user_connections = 0;  // 0: unlimited
  bool reserve_in_use = false;             // reserve_pool_timeout is not 0, which switches it off
  bool so_reuseport = false;               // other processes may have the same port
};

// Without these columns or rows nothing is known: kProtocol.
Result<Limits> ParseLimits(const pq::Table& config);

struct ListSize {
  std::string list;
  std::uint64_t items = 0;
};
Result<std::vector<ListSize>> ParseLists(const pq::Table& lists);
// Disengaged when it is not there.
std::optional<std::uint64_t> SizeOf(const std::vector<ListSize>& lists, std::string_view list);

struct State {
  bool active = false;
  bool paused = false;
  bool suspended = false;
};
Result<State> ParseState(const pq::Table& state);

}  // namespace headroom::pgbouncer
