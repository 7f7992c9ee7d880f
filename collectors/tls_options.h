// The [tls] table that every kind of target may have.
#pragma once

#include <string_view>

#include "collectors/net/stream.h"
#include "collectors/options.h"

namespace headroom {

// Reads a [tls] table to its end. Mistakes go to the reader's diagnostics.
TlsOptions ReadTlsTable(OptionsReader& table);

// Reads the sub-table `tls` of `in`, when it is there, into endpoint.tls_options. Mistakes go to
// the reader's diagnostics; one is a table for a target whose URL is not `tls_scheme` ("https://").
// Precondition: endpoint.tls is known. Call it after the keys of `in` itself, so that those are
// recognised when they stand in the sub-table by mistake.
void ReadTls(OptionsReader& in, Endpoint& endpoint, std::string_view tls_scheme);

}  // namespace headroom
