// What a TLS session of OpenSSL that somebody else owns (libpq) holds back.
#pragma once

namespace headroom {

// Bytes are decrypted already and wait to be read: poll(2) knows nothing of them. `ssl`: an SSL* of
// OpenSSL, or null for a connection without TLS, which holds nothing back.
bool TlsHasDecryptedBytes(const void* ssl);

}  // namespace headroom
