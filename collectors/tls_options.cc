#include "collectors/tls_options.h"

#include <fmt/format.h>

namespace headroom {

TlsOptions ReadTlsTable(OptionsReader& table) {
  TlsOptions tls;
  tls.ca_file = table.Name("ca_file");
  tls.cert_file = table.Name("cert_file");
  tls.key_file = table.Name("key_file");
  tls.server_name = table.Name("server_name");
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    table.Error(tls.cert_file.empty() ? "key_file" : "cert_file",
                "a client certificate needs both cert_file and key_file");
  }
  table.Finish();
  return tls;
}

void ReadTls(OptionsReader& in, Endpoint& endpoint, std::string_view tls_scheme) {
  auto table = in.Table("tls");
  if (!table) return;
  if (!endpoint.tls) {
    in.Error("tls",
             fmt::format("is only used with a {0} url; write {0} or remove the table", tls_scheme));
  }
  endpoint.tls_options = ReadTlsTable(*table);
}

}  // namespace headroom
