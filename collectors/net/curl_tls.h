// CurlTls: makes a libcurl handle do TLS as MakeTlsStream() does: the same certificates, loaded
// once for all targets and anew when a file has changed, and the same words for what goes wrong.
//
// Threads: one at a time, and of the handle.
#pragma once

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <exception>
#include <optional>
#include <string>

#include "collectors/net/stream.h"
#include "collectors/result.h"

namespace headroom {

class CurlTls {
 public:
  // `name`: which one the certificate must have, as it stands in the handle's URL.
  CurlTls(TlsOptions options, std::string name);
  CurlTls(const CurlTls&) = delete;
  CurlTls& operator=(const CurlTls&) = delete;

  // Throws std::runtime_error when this libcurl's TLS is not OpenSSL. `easy` refers to *this then.
  void Attach(CURL* easy);
  // Forgets what happened before: a transfer begins.
  void Begin();
  // Throws what a callback of the transfer had to keep from libcurl, if anything.
  void Rethrow();
  // Why the transfer failed, when TLS was the cause and there is more to say about it than libcurl
  // does: kAuth, or kConnect.
  std::optional<Error> Explain() const;

 private:
  static CURLcode OnContext(CURL* easy, void* context, void* self);
  static CurlTls& Of(const SSL* ssl);
  static int OnVerified(int good, X509_STORE_CTX* store);
  static void OnEvent(const SSL* ssl, int where, int value);
  Status Fill(SSL_CTX* context);

  TlsOptions options_;
  std::string name_;

  // Of the transfer that runs.
  static constexpr int kNoAlert = -1;
  std::optional<Error> failure_;  // of the files
  std::exception_ptr exception_;  // of a callback
  int verdict_ = X509_V_OK;       // on the server's certificate
  int alert_ = kNoAlert;          // that the server sent: level and number
};

}  // namespace headroom
