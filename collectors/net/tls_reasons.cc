#include "collectors/net/tls_reasons.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <string_view>

namespace headroom {
namespace {

struct ReasonText {
  int reason;
  ErrorKind kind;
  std::string_view text;
};
constexpr std::array kReasons = {
    ReasonText{SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, ErrorKind::kAuth,
               "the server wants a client certificate: set cert_file and key_file"},
    ReasonText{SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, ErrorKind::kConnect,
               "the server refused the handshake: no common cipher, or it wants a client "
               "certificate (cert_file and key_file)"},
    ReasonText{SSL_R_TLSV1_ALERT_UNKNOWN_CA, ErrorKind::kAuth,
               "the server does not know the authority of our client certificate (cert_file)"},
    ReasonText{SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, ErrorKind::kAuth,
               "the server refused our client certificate (cert_file)"},
    ReasonText{SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, ErrorKind::kAuth,
               "the server refused our client certificate (cert_file)"},
    ReasonText{SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, ErrorKind::kAuth,
               "the server refused our client certificate (cert_file)"},
    ReasonText{SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, ErrorKind::kAuth,
               "our client certificate is revoked (cert_file)"},
    ReasonText{SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, ErrorKind::kAuth,
               "our client certificate has expired (cert_file)"},
    ReasonText{SSL_R_TLSV1_ALERT_ACCESS_DENIED, ErrorKind::kAuth,
               "the server refused our client certificate (cert_file)"},
    ReasonText{SSL_R_WRONG_VERSION_NUMBER, ErrorKind::kConnect,
               "the server does not speak TLS (for a plain one use a URL without it: redis://, "
               "http://)"},
    ReasonText{SSL_R_UNEXPECTED_EOF_WHILE_READING, ErrorKind::kConnect,
               "the server closed the connection"},
};

}  // namespace

std::optional<Error> ExplainTlsReason(int reason) {
  for (const ReasonText& known : kReasons) {
    if (known.reason == reason) return Error{known.kind, std::string(known.text)};
  }
  return std::nullopt;
}

Error CertificateRefused(const std::string& name, long verdict) {
  const bool wrong_name =
      verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
  return Error{ErrorKind::kAuth,
               fmt::format("certificate of {} refused: {} ({})", name,
                           ::X509_verify_cert_error_string(verdict),
                           wrong_name ? "if it is the right server, set server_name to a name "
                                        "that its certificate has"
                                      : "check ca_file")};
}

}  // namespace headroom
