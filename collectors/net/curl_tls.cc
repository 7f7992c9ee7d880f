#include "collectors/net/curl_tls.h"

#include <openssl/x509_vfy.h>

#include <new>
#include <stdexcept>
#include <utility>

#include "collectors/net/tls_context.h"
#include "collectors/net/tls_reasons.h"

namespace headroom {
namespace {

// Where an SSL_CTX keeps what belongs to the application (SSL_CTX_set_app_data, without its cast).
constexpr int kAppData = 0;

void Check(CURLcode code) {
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLE_OK) {
    throw std::runtime_error("this libcurl cannot be used for TLS: it must be the OpenSSL one");
  }
}

// The certificate that `from` presents, with its chain and key, to `to`.
bool CopyCertificate(SSL_CTX* from, SSL_CTX* to) {
  X509* certificate = ::SSL_CTX_get0_certificate(from);
  if (certificate == nullptr) return true;
  STACK_OF(X509)* chain = nullptr;
  return ::SSL_CTX_use_certificate(to, certificate) == 1 &&
         ::SSL_CTX_use_PrivateKey(to, ::SSL_CTX_get0_privatekey(from)) == 1 &&
         ::SSL_CTX_ctrl(from, SSL_CTRL_GET_CHAIN_CERTS, 0, static_cast<void*>(&chain)) == 1 &&
         (chain == nullptr ||
          ::SSL_CTX_ctrl(to, SSL_CTRL_CHAIN, 1, static_cast<void*>(chain)) == 1);
}

// libcurl checks the name too, but has no more than a sentence to say about it.
bool ExpectName(SSL_CTX* context, const std::string& name) {
  X509_VERIFY_PARAM* expected = ::SSL_CTX_get0_param(context);
  return ::X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1 ||
         ::X509_VERIFY_PARAM_set1_host(expected, name.data(), name.size()) == 1;
}

}  // namespace

CurlTls::CurlTls(TlsOptions options, std::string name)
    : options_(std::move(options)), name_(std::move(name)) {}

void CurlTls::Attach(CURL* easy) {
  // No authorities of libcurl's own: the context gets those of SharedSslContext().
  const char* none = nullptr;
  Check(::curl_easy_setopt(easy, CURLOPT_CAINFO, none));
  Check(::curl_easy_setopt(easy, CURLOPT_CAPATH, none));
  Check(::curl_easy_setopt(easy, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2}));
  // A resumed session would skip the certificate check, with whatever files are there by now.
  Check(::curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L));
  Check(::curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &CurlTls::OnContext));
  Check(::curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, this));
}

void CurlTls::Begin() {
  failure_.reset();
  exception_ = nullptr;
  verdict_ = X509_V_OK;
  alert_ = kNoAlert;
}

CURLcode CurlTls::OnContext(CURL*, void* context, void* self) {
  auto& tls = *static_cast<CurlTls*>(self);
  // libcurl is C, so no exception may cross it: it is kept for later.
  try {
    const Status filled = tls.Fill(static_cast<SSL_CTX*>(context));
    if (filled.ok()) return CURLE_OK;
    tls.failure_ = filled.error();
    return CURLE_ABORTED_BY_CALLBACK;
  } catch (...) {
    tls.exception_ = std::current_exception();
    return CURLE_ABORTED_BY_CALLBACK;
  }
}

Status CurlTls::Fill(SSL_CTX* context) {
  const Result<SslContext> shared = SharedSslContext(options_);
  if (!shared.ok()) return shared.error();
  if (!CopyCertificate(shared->get(), context)) {
    return Error{ErrorKind::kInternal, "OpenSSL: " + TakeSslReason()};
  }
  // Not as the context's own store (SSL_CTX_set1_cert_store): libcurl 7.88 changes that one after
  // this callback, and puts into it the one it saw at its first connection (curl issue 11800).
  if (::SSL_CTX_ctrl(context, SSL_CTRL_SET_VERIFY_CERT_STORE, 1,
                     ::SSL_CTX_get_cert_store(shared->get())) != 1) {
    return Error{ErrorKind::kInternal, "OpenSSL: " + TakeSslReason()};
  }
  ::SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  if (!ExpectName(context, name_)) {
    return Error{ErrorKind::kAuth, "not a name for a certificate: " + name_};
  }
  ::SSL_CTX_set_ex_data(context, kAppData, this);
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, &CurlTls::OnVerified);
  ::SSL_CTX_set_info_callback(context, &CurlTls::OnEvent);
  return Ok{};
}

CurlTls& CurlTls::Of(const SSL* ssl) {
  return *static_cast<CurlTls*>(::SSL_CTX_get_ex_data(::SSL_get_SSL_CTX(ssl), kAppData));
}

// libcurl has several codes for a certificate that OpenSSL refuses, and cannot always say why.
int CurlTls::OnVerified(int good, X509_STORE_CTX* store) {
  const auto* ssl = static_cast<const SSL*>(
      ::X509_STORE_CTX_get_ex_data(store, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
  if (good == 0) Of(ssl).verdict_ = ::X509_STORE_CTX_get_error(store);
  return good;
}

// libcurl has one code for all that a server may hold against a handshake, and none for what it
// says after it, as TLS 1.3 does about our certificate. So the alert itself is kept.
void CurlTls::OnEvent(const SSL* ssl, int where, int value) {
  const int level = value >> 8;
  if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && level == SSL3_AL_FATAL) {
    Of(ssl).alert_ = value;
  }
}

void CurlTls::Rethrow() {
  if (exception_) std::rethrow_exception(std::exchange(exception_, nullptr));
}

std::optional<Error> CurlTls::Explain() const {
  if (failure_) return failure_;
  if (verdict_ != X509_V_OK) return CertificateRefused(name_, verdict_);
  if (alert_ == kNoAlert) return std::nullopt;
  if (auto known = ExplainTlsReason(SSL_AD_REASON_OFFSET + (alert_ & 0xff))) return known;
  return Error{ErrorKind::kConnect, std::string("the server refused TLS with the alert \"") +
                                        ::SSL_alert_desc_string_long(alert_) + "\""};
}

}  // namespace headroom
