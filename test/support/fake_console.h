// A console whose replies are given, by what is shown.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/pgbouncer/console.h"
#include "test/support/table_fixture.h"

namespace headroom::test {

struct ConsoleScript {
  int version = 11800;
  std::string version_text = "1.18.0/bouncer";
  std::map<std::string, Result<pq::Table>> replies;
  std::map<std::string, Result<pq::Table>> second_replies;  // to what is shown once more
  std::string session_ends_at;  // the SHOW that ends the session, with its error
  Status open_error = Ok{};
  bool local = false;
  std::vector<std::string> asked;
};

// `folder`: of test/fixtures/pgbouncer. `version`: 11800 for 1.18.0.
inline ConsoleScript RecordedConsole(const std::string& folder, int version) {
  ConsoleScript script;
  script.version = version;
  std::vector<std::pair<std::string, std::string>> shows = {
      {"POOLS", "pools"},   {"DATABASES", "databases"},       {"USERS", "users"},
      {"CONFIG", "config"}, {"STATS_TOTALS", "stats_totals"}, {"LISTS", "lists"}};
  if (version >= 11900) shows.emplace_back("STATE", "state");
  for (const auto& [show, file] : shows) {
    script.replies.insert_or_assign(show,
                                    TableFixture("pgbouncer/" + folder + "/show_" + file + ".tsv"));
  }
  return script;
}

class FakeConsole final : public pgbouncer::Console {
 public:
  // The script must outlive the console.
  explicit FakeConsole(ConsoleScript& script) : script_(script) {}

  Status Open(const Deadline&) override {
    if (script_.open_error.ok()) open_ = true;
    return script_.open_error;
  }
  bool open() const override { return open_; }
  bool local() const override { return open_ && script_.local; }
  Result<pq::Table> Show(std::string_view what, const Deadline&) override {
    script_.asked.emplace_back(what);
    if (what == script_.session_ends_at) open_ = false;
    const auto again = script_.second_replies.find(std::string(what));
    const auto times = std::count(script_.asked.begin(), script_.asked.end(), what);
    if (times > 1 && again != script_.second_replies.end()) return again->second;
    return script_.replies.at(std::string(what));
  }
  int version() const override { return script_.version; }
  std::string version_text() const override { return script_.version_text; }

 private:
  ConsoleScript& script_;
  bool open_ = false;
};

}  // namespace headroom::test
