#include "collectors/redis/json_fields.h"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>

namespace headroom::redis {
namespace {

namespace ondemand = simdjson::ondemand;

std::string_view TrimRight(std::string_view token) {
  const std::size_t last = token.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view() : token.substr(0, last + 1);
}

// Disengaged inside an Ok: a value that has no text of its own.
simdjson::error_code ReadScalar(ondemand::value value, std::optional<std::string>& out) {
  ondemand::json_type type{};
  if (auto error = value.type().get(type)) return error;
  if (type == ondemand::json_type::string) {
    std::string_view text;
    if (auto error = value.get_string().get(text)) return error;
    out = std::string(text);
  } else if (type == ondemand::json_type::number) {
    double number = 0;  // refuses what only looks like a number
    const std::string_view token = TrimRight(value.raw_json_token());
    if (auto error = value.get_double().get(number)) return error;
    out = std::string(token);
  } else if (type == ondemand::json_type::boolean) {
    bool flag = false;
    if (auto error = value.get_bool().get(flag)) return error;
    out = flag ? "true" : "false";
  }
  return simdjson::SUCCESS;
}

}  // namespace

struct JsonFields::Parser {
  ondemand::parser parser;
  std::string buffer;  // the input with the padding that simdjson reads past its end
};

JsonFields::JsonFields() : parser_(std::make_unique<Parser>()) {}
JsonFields::~JsonFields() = default;

std::optional<JsonFields::Values> JsonFields::Read(std::string_view json,
                                                   std::span<const std::string> names) {
  std::string& buffer = parser_->buffer;
  buffer.assign(json);
  buffer.append(simdjson::SIMDJSON_PADDING, ' ');
  ondemand::document document;
  const simdjson::padded_string_view input(buffer.data(), json.size(), buffer.size());
  if (parser_->parser.iterate(input).get(document) != simdjson::SUCCESS) return std::nullopt;
  ondemand::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;

  // On-Demand notices a broken end only when it gets there: nothing is handed out before.
  Values values(names.size());
  std::vector<bool> seen(names.size(), false);
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return std::nullopt;
    const auto first = std::find(names.begin(), names.end(), key);
    const auto index = static_cast<std::size_t>(first - names.begin());
    if (first == names.end() || seen[index]) continue;
    seen[index] = true;
    ondemand::value value;
    if (field.value().get(value) != simdjson::SUCCESS) return std::nullopt;
    if (ReadScalar(value, values[index]) != simdjson::SUCCESS) return std::nullopt;
    // One field may serve two purposes, and then stands in `names` twice.
    for (std::size_t i = index + 1; i < names.size(); ++i) {
      if (names[i] == *first) values[i] = values[index];
    }
  }
  // "Out of bounds" is how both simdjson 3.0 and 3.12 say that nothing follows.
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return std::nullopt;
  return values;
}

}  // namespace headroom::redis
