// JsonWalk: one pass over a JSON text, member by member, on top of simdjson On-Demand.
//
// What is asked of a value and is not of that type is unknown (disengaged). What is not JSON is
// remembered, and fails the walk at its end: On-Demand notices a broken end only when it gets
// there, so nothing that was collected may be used before the walk has succeeded. Members that
// nobody asks about are skipped by their brackets and not looked into.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "collectors/result.h"

namespace headroom::rabbitmq {

// One value; valid during the call that hands it out, and asked at most once.
class JsonValue {
 public:
  struct Impl;
  explicit JsonValue(Impl& impl) : impl_(impl) {}

  std::optional<std::uint64_t>
  Count();  // an integer from 0 to 2^64 - 1, written as one: 1.0 is not
  std::optional<std::int64_t> Integer();
  std::optional<double> Number();
  std::optional<bool> Flag();
  std::optional<std::string> Text();

  // Nothing is called for a value that is no object, or no array. False: it is none.
  using MemberVisitor = std::function<void(std::string_view key, JsonValue value)>;
  bool Members(const MemberVisitor& visit);
  bool Elements(const std::function<void(JsonValue value)>& visit);

  // Makes the walk fail: the text is JSON, but not what it has to be.
  void Refuse(std::string_view why);

 private:
  Impl& impl_;
};

// Walks over `body`, one JSON value and nothing after it. `body` gets more capacity (simdjson reads
// past the end) and keeps its content. kProtocol: broken, or refused.
Status WalkJson(std::string& body, const std::function<void(JsonValue root)>& visit);

}  // namespace headroom::rabbitmq
