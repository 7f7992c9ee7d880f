#include "collectors/libpq/dsn_options.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "collectors/libpq/conninfo.h"
#include "collectors/tls_options.h"

namespace headroom::pq {
namespace {

// A certificate that is checked, or a certificate of ours, needs TLS: what else libpq would do
// without saying so.
void CheckSslMode(OptionsReader& in, const ConnectionOptions& options) {
  const auto mode = ConninfoWord(options.conninfo, "sslmode");
  if (!mode || mode->empty()) {
    if (!options.tls->ca_file.empty() || ConninfoWord(options.conninfo, "sslrootcert")) return;
    in.Error("tls",
             "needs ca_file, the authorities that the server's certificate is checked against: "
             "libpq 15 does not find those of the system itself; write ca_file = "
             "\"/etc/ssl/certs/ca-certificates.crt\" for them");
    return;
  }
  if (*mode == "disable" || *mode == "allow" || *mode == "prefer") {
    in.Error("tls",
             fmt::format("is of no use with sslmode={0} in dsn, which {1}; write "
                         "sslmode=verify-full or remove the table",
                         *mode, *mode == "disable" ? "never uses TLS" : "goes on without TLS"));
    return;
  }
  if (!options.tls->server_name.empty() && *mode != "verify-full") {
    in.Error("tls", fmt::format("server_name is only checked with sslmode=verify-full, and dsn "
                                "says sslmode={}",
                                *mode));
  }
}

// The same thing said in two places: nobody can tell which is meant.
void CheckSslWords(OptionsReader& in, const ConnectionOptions& options) {
  using File = std::pair<std::string_view, std::string TlsOptions::*>;
  constexpr std::array<File, 3> kFiles = {{{"sslrootcert", &TlsOptions::ca_file},
                                           {"sslcert", &TlsOptions::cert_file},
                                           {"sslkey", &TlsOptions::key_file}}};
  for (const auto& [word, file] : kFiles) {
    if (((*options.tls).*file).empty() || !ConninfoWord(options.conninfo, word)) continue;
    in.Error("tls", fmt::format("names a file that dsn names too, with {}; keep one", word));
  }
}

}  // namespace

std::optional<std::string> ConninfoWord(const std::string& conninfo, std::string_view word) {
  const std::optional<Words> words = ParseConninfo(conninfo);
  if (!words) return std::nullopt;
  const auto found = words->find(word);
  return found == words->end() ? std::nullopt : std::optional(found->second);
}

ConnectionOptions ReadDsn(OptionsReader& in) {
  ConnectionOptions options;
  options.password = in.SecretFrom("password");
  options.defaults = {{"application_name", "headroom"}};
  if (in.Has("url") && !in.Has("dsn")) {
    static_cast<void>(in.String("url"));
    in.Error("url", "is called dsn here: dsn = \"postgresql://USER@HOST:PORT\"");
    return options;
  }
  in.Require("dsn");
  const auto dsn = in.ExpandedString("dsn");
  if (!dsn) return options;
  if (dsn->find_first_not_of(" \t\r\n") == std::string::npos) {
    in.Error("dsn",
             "is empty, which would mean the local socket; write host=/run/postgresql, or whatever "
             "else is meant");
    return options;
  }
  if (const std::string fault = ConninfoFault(*dsn); !fault.empty()) {
    in.Error("dsn", fault);
    return options;
  }
  options.conninfo = *dsn;
  if (HoldsPassword(*dsn)) in.MayHoldPassword("dsn", options.password);
  return options;
}

void ReadDsnTls(OptionsReader& in, ConnectionOptions& options) {
  auto table = in.Table("tls");
  if (!table) return;
  options.tls = ReadTlsTable(*table);
  CheckSslMode(in, options);
  CheckSslWords(in, options);
}

}  // namespace headroom::pq
