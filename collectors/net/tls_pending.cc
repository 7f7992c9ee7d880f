#include "collectors/net/tls_pending.h"

#include <openssl/ssl.h>

namespace headroom {

bool TlsHasDecryptedBytes(const void* ssl) {
  return ssl != nullptr && ::SSL_pending(static_cast<const SSL*>(ssl)) > 0;
}

}  // namespace headroom
