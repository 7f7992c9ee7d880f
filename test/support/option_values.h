// Configuration tables for the tests of collectors' options, which know no TOML.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collectors/options.h"

namespace headroom::test {

inline Value Of(Value::Table table) { return Value{std::move(table), {}, {}}; }
inline Value Of(const char* text) { return Value{std::string(text), {}, {}}; }
inline Value Of(std::vector<Value> list) { return Value{std::move(list), {}, {}}; }

inline Value Texts(std::initializer_list<const char*> texts) {
  Value::List list;
  for (const char* text : texts) list.push_back(Of(text));
  return Of(std::move(list));
}

inline Value Table(Value::Table entries) { return Of(std::move(entries)); }
// An array of tables with one in it.
inline Value Tables(Value one) { return Of(std::vector<Value>{std::move(one)}); }

template <class Options>
struct ParsedOptions {
  std::optional<Options> options;
  std::vector<std::string> errors;  // "key: message"
  std::vector<std::string> warnings;
};

// What `parse` makes of a target's table, called `path` in messages.
template <class Options>
ParsedOptions<Options> ParseTarget(const Value& table, std::string path,
                                   std::optional<Options> (*parse)(OptionsReader&)) {
  Diagnostics diagnostics;
  OptionsReader reader(table, std::move(path), diagnostics);
  ParsedOptions<Options> parsed;
  parsed.options = parse(reader);
  reader.Finish();
  for (const Diagnostic& d : diagnostics.all()) {
    const bool error = d.severity == Diagnostic::Severity::kError;
    (error ? parsed.errors : parsed.warnings).push_back(d.key + ": " + d.message);
  }
  return parsed;
}

}  // namespace headroom::test
