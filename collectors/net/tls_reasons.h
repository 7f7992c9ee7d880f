// Why a TLS handshake failed, in words for people.
#pragma once

#include <optional>
#include <string>

#include "collectors/result.h"

namespace headroom {

// `reason`: an SSL_R_ code of OpenSSL; for an alert that the peer sent, SSL_AD_REASON_OFFSET plus
// its number. Nothing for reasons about which there is nothing to add. The message names no peer.
std::optional<Error> ExplainTlsReason(int reason);

// kAuth: what is wrong with the certificate of the peer that should be `name`, and what to do.
// `verdict`: an X509_V_ERR_ code of OpenSSL.
Error CertificateRefused(const std::string& name, long verdict);

}  // namespace headroom
