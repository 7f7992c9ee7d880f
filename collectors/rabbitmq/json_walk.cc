#include "collectors/rabbitmq/json_walk.h"

#include <simdjson.h>

#include <utility>

namespace headroom::rabbitmq {
namespace {

namespace ondemand = simdjson::ondemand;

// The first thing that went wrong.
struct Outcome {
  std::string why;  // empty: nothing
  [[nodiscard]] bool failed() const { return !why.empty(); }
  void Fail(std::string_view text) {
    if (why.empty()) why = text;
  }
  void Fail(simdjson::error_code error) { Fail(simdjson::error_message(error)); }
};

}  // namespace

struct JsonValue::Impl {
  ondemand::value value;
  Outcome& outcome;

  // Null and other types are unknown; every other error means that the text is broken.
  template <class T>
  std::optional<T> Take(simdjson::simdjson_result<T> result) const {
    T taken{};
    const simdjson::error_code error = std::move(result).get(taken);
    if (error == simdjson::SUCCESS) return taken;
    if (error != simdjson::INCORRECT_TYPE && error != simdjson::NUMBER_OUT_OF_RANGE) {
      outcome.Fail(error);
    }
    return std::nullopt;
  }
};

std::optional<std::uint64_t> JsonValue::Count() { return impl_.Take(impl_.value.get_uint64()); }
std::optional<std::int64_t> JsonValue::Integer() { return impl_.Take(impl_.value.get_int64()); }
std::optional<double> JsonValue::Number() { return impl_.Take(impl_.value.get_double()); }
std::optional<bool> JsonValue::Flag() { return impl_.Take(impl_.value.get_bool()); }

std::optional<std::string> JsonValue::Text() {
  std::optional<std::string_view> text = impl_.Take(impl_.value.get_string());
  if (!text) return std::nullopt;
  return std::string(*text);
}

void JsonValue::Refuse(std::string_view why) { impl_.outcome.Fail(why); }

bool JsonValue::Members(const MemberVisitor& visit) {
  std::optional<ondemand::object> object = impl_.Take(impl_.value.get_object());
  if (!object) return false;
  for (auto field : *object) {
    std::string_view key;
    Impl member{{}, impl_.outcome};
    simdjson::error_code error = field.unescaped_key().get(key);
    if (error == simdjson::SUCCESS) error = field.value().get(member.value);
    if (error != simdjson::SUCCESS) impl_.outcome.Fail(error);
    if (impl_.outcome.failed()) break;
    visit(key, JsonValue(member));
    if (impl_.outcome.failed()) break;  // On-Demand must not go on after an error
  }
  return true;
}

bool JsonValue::Elements(const std::function<void(JsonValue)>& visit) {
  std::optional<ondemand::array> array = impl_.Take(impl_.value.get_array());
  if (!array) return false;
  for (auto element : *array) {
    Impl member{{}, impl_.outcome};
    const simdjson::error_code error = element.get(member.value);
    if (error != simdjson::SUCCESS) impl_.outcome.Fail(error);
    if (impl_.outcome.failed()) break;
    visit(JsonValue(member));
    if (impl_.outcome.failed()) break;
  }
  return true;
}

Status WalkJson(std::string& body, const std::function<void(JsonValue)>& visit) {
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  const simdjson::padded_string_view input(body.data(), body.size(), body.capacity());
  ondemand::parser parser;  // not kept: it holds buffers as large as the largest reply
  ondemand::document document;
  Outcome outcome;
  simdjson::error_code error = parser.iterate(input).get(document);
  ondemand::value root;
  if (error == simdjson::SUCCESS) error = document.get_value().get(root);
  if (error == simdjson::SUCCESS) {
    JsonValue::Impl impl{root, outcome};
    visit(JsonValue(impl));
  } else {
    outcome.Fail(error);
  }
  // "Out of bounds" is how both simdjson 3.0 and 3.12 say that nothing follows.
  if (!outcome.failed() && document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    outcome.Fail("there is something after the end of the JSON value");
  }
  if (!outcome.failed()) return Ok{};
  return Error{ErrorKind::kProtocol, "not the JSON that was expected: " + outcome.why};
}

}  // namespace headroom::rabbitmq
