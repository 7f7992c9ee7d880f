// Prints the statements that the PostgreSQL collector sends: postgresql_statements VERSION writes
// one line per statement, its file name and its SQL, separated by a tab. For recording fixtures and
// for trying a statement in psql.
#include <charconv>
#include <iostream>
#include <string_view>
#include <utility>

#include "collectors/postgresql/statements.h"

int main(int argc, char** argv) {
  using headroom::postgresql::Statement;
  int version = 0;
  const std::string_view text = argc == 2 ? argv[1] : "";
  std::from_chars(text.data(), text.data() + text.size(), version);
  if (version < 120000) {
    std::cerr << "usage: postgresql_statements 150018 (server_version_num, 120000 or newer)\n";
    return 2;
  }
  using Named = std::pair<const char*, Statement>;
  for (const auto& [name, statement] :
       {Named("server", Statement::kServer), Named("activity", Statement::kActivity),
        Named("limits", Statement::kLimits), Named("locks", Statement::kLocks),
        Named("standbys", Statement::kStandbys), Named("slots", Statement::kSlots),
        Named("recovery", Statement::kRecovery), Named("sizes", Statement::kSizes)}) {
    std::cout << name << '\t' << headroom::postgresql::Sql(statement, version) << '\n';
  }
  return 0;
}
