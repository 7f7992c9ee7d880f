#include "collectors/postgresql/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/libpq/dsn_options.h"
#include "collectors/suggest.h"

namespace headroom::postgresql {
namespace {

constexpr std::string_view kConnections = "connections";

struct Choice {
  std::string_view name;
  bool Wanted::*wanted;
};
constexpr std::array<Choice, 5> kChoices = {{{"applications", &Wanted::applications},
                                             {"waits", &Wanted::waits},
                                             {"locks", &Wanted::locks},
                                             {"replication", &Wanted::replication},
                                             {"sizes", &Wanted::sizes}}};

void ReadReadings(OptionsReader& in, Wanted& wanted) {
  if (!in.Has("readings")) {
    wanted.locks = true;
    wanted.replication = true;
    return;
  }
  const std::vector<std::string> readings = in.Strings("readings");
  for (const std::string& reading : readings) {
    if (reading == kConnections) continue;
    const auto* const choice =
        std::find_if(kChoices.begin(), kChoices.end(),
                     [&reading](const Choice& known) { return known.name == reading; });
    if (choice != kChoices.end()) {
      wanted.*(choice->wanted) = true;
    } else {
      in.Error("readings",
               fmt::format("expected \"connections\", \"applications\", \"waits\", \"locks\", "
                           "\"replication\" or \"sizes\", got {}",
                           Quoted(reading)));
    }
  }
  if (std::find(readings.begin(), readings.end(), kConnections) == readings.end()) {
    in.Error("readings", "\"connections\" is always needed; add it");
  }
}

// Names are bytes: a role's or a database's may be in an encoding that the database at hand cannot
// convert, and the error would take the whole reply. With SQL_ASCII nothing is converted.
void Complete(pq::ConnectionOptions& connection) {
  connection.forced.emplace_back("client_encoding", "SQL_ASCII");
}

}  // namespace

std::optional<PostgresqlOptions> ParseOptions(OptionsReader& in) {
  PostgresqlOptions options;
  options.connection = pq::ReadDsn(in);
  if (pq::ConninfoWord(options.connection.conninfo, "options")) {
    in.Warning("dsn", "\"options\" has no effect: the session's settings are headroom's own");
  }
  ReadReadings(in, options.wanted);
  pq::ReadDsnTls(in, options.connection);
  Complete(options.connection);
  if (!in.ok()) return std::nullopt;
  return options;
}

}  // namespace headroom::postgresql
