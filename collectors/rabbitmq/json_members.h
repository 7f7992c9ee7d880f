// JsonMembers: which members of an object fill what, as a table.
#pragma once

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <functional>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/rabbitmq/json_walk.h"
#include "collectors/result.h"

namespace headroom::rabbitmq {

template <class T>
struct JsonMember {
  std::string_view key;
  void (*read)(T& out, JsonValue& value);
};

// Sorted by key, each key once.
template <class T>
constexpr bool IsTable(std::span<const JsonMember<T>> table) {
  return std::adjacent_find(table.begin(), table.end(), [](const auto& a, const auto& b) {
           return a.key >= b.key;
         }) == table.end();
}

// Of a member written twice the first counts: RabbitMQ writes none twice, but the keys of
// `arguments` are its clients' to choose. False: `value` is no object.
template <class T>
bool ReadMembers(JsonValue& value, std::span<const JsonMember<T>> table, T& out) {
  constexpr std::size_t kMaxMembers = 32;
  std::bitset<kMaxMembers> seen;
  return value.Members([&](std::string_view key, JsonValue member) {
    const auto row = std::lower_bound(table.begin(), table.end(), key,
                                      [](const auto& a, std::string_view b) { return a.key < b; });
    if (row == table.end() || row->key != key) return;
    const auto index = static_cast<std::size_t>(row - table.begin());
    if (seen.test(index)) return;
    seen.set(index);
    row->read(out, member);
  });
}

// `body` is an array of objects; `add` is called with what `table` read of each.
template <class T>
Status ReadObjects(std::string& body, std::span<const JsonMember<T>> table,
                   const std::function<void(T&&, JsonValue&)>& add) {
  return WalkJson(body, [&](JsonValue root) {
    const bool array = root.Elements([&](JsonValue element) {
      T out;
      if (!ReadMembers(element, table, out)) return element.Refuse("an element is no object");
      add(std::move(out), element);
    });
    if (!array) root.Refuse("it is no array");
  });
}

// Sorted; of elements of one identity none is left, since nobody can tell which one is right. A
// listing of 3.10.8 has queues twice for a moment while a node comes back.
template <class T, class Identity>
std::vector<T> SortedUnique(std::vector<T> all, Identity identity) {
  const auto less = [&](const T& a, const T& b) { return identity(a) < identity(b); };
  if (!std::is_sorted(all.begin(), all.end(), less)) std::sort(all.begin(), all.end(), less);
  auto out = all.begin();
  for (auto first = all.begin(); first != all.end();) {
    auto next = std::next(first);
    while (next != all.end() && identity(*next) == identity(*first)) ++next;
    if (next - first == 1) {
      if (out != first) *out = std::move(*first);
      ++out;
    }
    first = next;
  }
  all.erase(out, all.end());
  return all;
}

}  // namespace headroom::rabbitmq
