// SSL contexts shared among targets with the same files.
//
// A CA bundle costs 0.9 MB and some milliseconds for each load (measured with Debian's bundle), so
// equal TlsOptions share one context, and it is made anew when one of its files has changed.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "collectors/net/stream.h"
#include "collectors/result.h"

namespace headroom {

struct FreeSslContext {
  void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, FreeSslContext>;

// A reference to the shared context of `options` (server_name does not matter to it).
// kAuth when a file cannot be used; the message names it. Threads: safe from any thread. Looks at
// the files, and reads those that changed, with ordinary blocking I/O: no deadline bounds that, and
// files on a network file system that hangs stop every target that has the same files.
Result<SslContext> SharedSslContext(const TlsOptions& options);

// OpenSSL's own words for the first error in this thread's queue, which is emptied.
std::string TakeSslReason();

}  // namespace headroom
