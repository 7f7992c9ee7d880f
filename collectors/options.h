// Typed access to the keys of one configuration table, with every mistake reported at its place.
//
// collectors/ knows no TOML: exporter/config turns the file (or flags) into Values, and a collector
// declares its keys by reading them. Nothing here throws and nothing stops at the first mistake:
// mistakes go to Diagnostics, the reader hands out the fallback, and the caller checks at the end.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "collectors/clock.h"
#include "collectors/secret.h"

namespace headroom {

// Where a value was written. `line` 0: not from a file, and `source` names the flag or variable.
struct Position {
  std::string source;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct Diagnostic {
  enum class Severity { kError, kWarning };
  Severity severity = Severity::kError;
  Position position;
  std::string key;      // as the user would write it: redis[0].workers[1].stale_after
  std::string message;  // what is wrong, what was expected, what to do

  // "headroom.toml:12:3: redis[0].timeout: expected a duration such as \"5s\", got 5". Of a value
  // that stood in no file, the flag or variable: "--redis.url: expected ...".
  std::string ToString() const;
};

class Diagnostics {
 public:
  void Error(const Position&, std::string key, std::string message);
  void Warning(const Position&, std::string key, std::string message);
  bool ok() const { return errors_ == 0; }
  std::size_t errors() const { return errors_; }
  const std::vector<Diagnostic>& all() const { return all_; }
  // In the order in which a person reads: by line and column, then what stands in no file.
  void Sort();

 private:
  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
};

// A date with a time of day, as it was written: 2026-11-27T09:00:00 and, unless it is meant for a
// time zone that stands elsewhere, the offset from UTC that it holds in (+09:00).
struct WrittenDateTime {
  std::chrono::local_seconds local;
  Duration fraction{};  // of a second
  std::optional<std::chrono::minutes> offset;
  friend bool operator==(const WrittenDateTime&, const WrittenDateTime&) = default;
};

// A configuration value with its place. Tables keep the order of the file.
struct Value {
  using List = std::vector<Value>;
  struct Entry;
  using Table = std::vector<Entry>;
  // std::monostate: a kind of value that no key takes (a TOML time, say); `text` then names it.
  std::variant<std::monostate, bool, std::int64_t, double, std::string, WrittenDateTime, List,
               Table>
      data;
  Position position;
  std::string text;

  // "a string", "a table", ...: for messages.
  std::string_view TypeName() const;
  // Equal in content, wherever it was written.
  bool SameAs(const Value& other) const;
};

struct Value::Entry {
  std::string key;
  Value value;
};

inline constexpr Duration kLongestDuration = std::chrono::hours(24) * 3650;

// "250ms", "1s", "1m30s", "2h", "7d": a sum of whole numbers with units d, h, m, s, ms, the largest
// unit first and each at most once. Disengaged when it is anything else, or above 10 years.
std::optional<Duration> ParseDuration(std::string_view text);
// Text that ParseDuration reads back, with the largest units that fit: "1m30s". Whole milliseconds;
// what is finer is dropped. Precondition: not negative.
std::string FormatDuration(Duration);

// Replaces ${NAME} by the environment's NAME; "$$" is a dollar sign, and so is a "$" before
// anything else. An unset variable is an error, which names the variable but never quotes the text
// around it: that may be a URL with a password.
std::optional<std::string> ExpandEnvironment(std::string_view text, std::string* error);

// Reads one table. Ask for every key that may be there, then call Finish(), which rejects the keys
// that nobody asked for ("did you mean"). Absent keys give a disengaged optional and no error.
class OptionsReader {
 public:
  // `table` must hold a Table and outlive the reader, as must `diagnostics`. `path` is the table's
  // name in messages: "redis[0]".
  OptionsReader(const Value& table, std::string path, Diagnostics& diagnostics);

  std::optional<std::string> String(std::string_view key);
  // ${VARIABLES} replaced.
  std::optional<std::string> ExpandedString(std::string_view key);
  // Empty when absent. A name that is there and empty is an error: always a slip, most often of a
  // variable that was meant to be replaced.
  std::string Name(std::string_view key);
  std::optional<bool> Bool(std::string_view key);
  std::optional<std::int64_t> Integer(std::string_view key, std::int64_t min, std::int64_t max);
  std::optional<double> Number(std::string_view key, double min, double max);
  std::optional<Duration> DurationAtLeast(std::string_view key, Duration min);
  std::optional<Duration> DurationBetween(std::string_view key, Duration min, Duration max);
  // With an offset or without; a date or a time alone is an error.
  std::optional<WrittenDateTime> DateTime(std::string_view key);
  std::optional<std::string> OneOf(std::string_view key,
                                   std::initializer_list<std::string_view> allowed);
  // Empty strings and repeated entries are errors, and left out.
  std::vector<std::string> Strings(std::string_view key);
  // Likewise, with ${VARIABLES} replaced.
  std::vector<std::string> ExpandedStrings(std::string_view key);
  // Likewise, of a list in which an entry may stand more than once.
  std::vector<std::string> RepeatableStrings(std::string_view key);
  // `<prefix>_file` or `<prefix>_env`; both at once is an error, as is a variable that is not set
  // (it never will be: nobody changes the environment of a running process). A file is not looked
  // at: it may come later, or change.
  SecretSource SecretFrom(std::string_view prefix);
  // For a key whose value holds a password: a warning, or, when `other` gives one too, an error and
  // false.
  bool MayHoldPassword(std::string_view key, const SecretSource& other);
  // A sub-table, or each table of an array of tables. The caller calls Finish() on each. Keys that
  // this reader has been asked for so far are, where they stand in a sub-table, sent back up: in
  // TOML a key that is written after [[redis.workers]] belongs to that worker group, which
  // surprises people.
  std::optional<OptionsReader> Table(std::string_view key);
  std::vector<OptionsReader> Tables(std::string_view key);

  bool Has(std::string_view key) const;
  // A key that must be there: an error when it is not.
  void Require(std::string_view key);
  // Reports at the key when it is present, else at the table.
  void Error(std::string_view key, std::string message);
  void Warning(std::string_view key, std::string message);
  // Idempotent. A target's own table is finished by the caller of CollectorType::parse.
  void Finish();

  // No error since this reader was made, in its table, its sub-tables or through it.
  bool ok() const { return diagnostics_->errors() == errors_before_; }
  const Value& table() const { return *table_; }
  const std::string& path() const { return path_; }
  // Where the key stands; the table's place when it is absent.
  const Position& PlaceOf(std::string_view key) const;
  // The key as messages call it: "redis[0].timeout".
  std::string KeyPath(std::string_view key) const;

 private:
  // Notes that `key` was asked for; null when it is absent.
  const Value* Find(std::string_view key);
  const Value* Peek(std::string_view key) const;
  std::string UnknownKeyMessage(std::string_view key, const Position& place) const;
  std::string MisplacedMessage(const Position& place) const;
  OptionsReader Sub(const Value& table, std::string_view key, std::optional<std::size_t> index);
  // The key's value as a T; anything else is an error that says what was expected.
  template <class T>
  const T* Typed(std::string_view key, std::string_view expected);
  enum class ListOf { kNames, kExpanded, kRepeatable };
  std::vector<std::string> ReadStrings(std::string_view key, ListOf what);
  // People expect a variable to be replaced wherever it stands.
  void WarnOfVariable(std::string_view text, const Position& place, const std::string& path);
  void Mismatch(std::string_view key, std::string_view expected, const Value& got);

  const Value* table_;
  std::string path_;
  Diagnostics* diagnostics_;
  std::size_t errors_before_;
  bool finished_ = false;
  std::vector<std::string> asked_;
  std::vector<std::string> parent_keys_;
};

}  // namespace headroom
