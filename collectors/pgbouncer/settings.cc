#include "collectors/pgbouncer/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <system_error>
#include <utility>

#include "collectors/suggest.h"

namespace headroom::pgbouncer {
namespace {

// Only values that are asked for are ever looked at: others may be secrets.
class Settings {
 public:
  Settings(const pq::Table& table, std::string_view what) : what_(what), status_(Ok{}) {
    pq::TableReader in(table, what);
    while (in.Next()) {
      std::string key = in.Text("key");
      std::optional<std::string> value = in.TextOrNull("value");
      if (value) values_.emplace(std::move(key), std::move(*value));
    }
    status_ = in.status();
  }

  std::uint64_t Count(std::string_view key) { return Parsed<std::uint64_t>(key, "a whole number"); }
  double Number(std::string_view key) { return Parsed<double>(key, "a number"); }

  bool Answer(std::string_view key) {
    const std::string* const text = Find(key);
    if (text == nullptr) return false;
    if (*text != "yes" && *text != "no") Fail(key, *text, "yes or no");
    return *text == "yes";
  }

  const Status& status() const { return status_; }

 private:
  const std::string* Find(std::string_view key) {
    if (!status_.ok()) return nullptr;
    const auto found = values_.find(key);
    if (found != values_.end()) return &found->second;
    status_ = Error{ErrorKind::kProtocol, fmt::format("{}: {} is not in the reply", what_, key)};
    return nullptr;
  }

  template <class T>
  T Parsed(std::string_view key, std::string_view expected) {
    const std::string* const text = Find(key);
    if (text == nullptr) return T{};
    T value{};
    const char* const end = text->data() + text->size();
    const auto [last, fault] = std::from_chars(text->data(), end, value);
    if (fault != std::errc() || last != end) Fail(key, *text, expected);
    return value;
  }

  void Fail(std::string_view key, const std::string& text, std::string_view expected) {
    status_ = Error{ErrorKind::kProtocol,
                    fmt::format("{}: {} is {}, expected {}", what_, key, Quoted(text), expected)};
  }

  std::string_view what_;
  std::map<std::string, std::string, std::less<>> values_;
  Status status_;
};

}  // namespace

Result<Limits> ParseLimits(const pq::Table& config) {
  Settings settings(config, "SHOW CONFIG");
  Limits limits;
  limits.max_client_conn = settings.Count("max_client_conn");
  limits.max_user_connections = settings.Count("max_user_connections");
  limits.reserve_in_use = settings.Number("reserve_pool_timeout") != 0;
  limits.so_reuseport = settings.Count("so_reuseport") != 0;
  if (!settings.status().ok()) return settings.status().error();
  return limits;
}

Result<std::vector<ListSize>> ParseLists(const pq::Table& lists) {
  if (lists.rows.empty()) {
    return Error{ErrorKind::kProtocol, "SHOW LISTS: the reply has no rows"};
  }
  std::vector<ListSize> sizes;
  pq::TableReader in(lists, "SHOW LISTS");
  while (in.Next()) {
    ListSize size{in.Text("list"), in.Count("items")};
    if (SizeOf(sizes, size.list)) in.Fail("list", "says the same as a row before");
    sizes.push_back(std::move(size));
  }
  if (!in.status().ok()) return in.status().error();
  return sizes;
}

std::optional<std::uint64_t> SizeOf(const std::vector<ListSize>& lists, std::string_view list) {
  const auto found = std::find_if(lists.begin(), lists.end(),
                                  [&](const ListSize& size) { return size.list == list; });
  if (found == lists.end()) return std::nullopt;
  return found->items;
}

Result<State> ParseState(const pq::Table& state) {
  Settings settings(state, "SHOW STATE");
  const State answer{settings.Answer("active"), settings.Answer("paused"),
                     settings.Answer("suspended")};
  if (!settings.status().ok()) return settings.status().error();
  return answer;
}

}  // namespace headroom::pgbouncer
