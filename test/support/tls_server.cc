#include "test/support/tls_server.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace headroom::test {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<&X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<&BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<&X509_EXTENSION_free>>;
using Context = std::unique_ptr<SSL_CTX, Deleter<&SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, Deleter<&SSL_free>>;

void Check(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

Key NewKey() {
  Key key(::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  Check(key != nullptr, "key");
  return key;
}

std::string Contents(BIO* bio) {
  std::string text(BIO_ctrl_pending(bio), '\0');
  Check(
      ::BIO_read(bio, text.data(), static_cast<int>(text.size())) == static_cast<int>(text.size()),
      "BIO_read");
  return text;
}

std::string ToPem(X509* certificate) {
  const Bio bio(::BIO_new(::BIO_s_mem()));
  Check(::PEM_write_bio_X509(bio.get(), certificate) == 1, "certificate to PEM");
  return Contents(bio.get());
}

std::string ToPem(EVP_PKEY* key) {
  const Bio bio(::BIO_new(::BIO_s_mem()));
  Check(::PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
        "key to PEM");
  return Contents(bio.get());
}

Certificate CertificateFrom(const std::string& pem) {
  const Bio bio(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Certificate certificate(::PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  Check(certificate != nullptr, "certificate from PEM");
  return certificate;
}

Key KeyFrom(const std::string& pem) {
  const Bio bio(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key(::PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  Check(key != nullptr, "key from PEM");
  return key;
}

// For `key`, good for an hour, not signed yet.
Certificate Draft(EVP_PKEY* key, const std::string& name, int nid, const std::string& value) {
  Certificate certificate(::X509_new());
  ::X509_set_version(certificate.get(), X509_VERSION_3);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), 1);
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), -60);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), 3600);
  ::X509_set_pubkey(certificate.get(), key);
  const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
  ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC, text,
                               -1, -1, 0);
  const Extension extension(::X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
  Check(extension != nullptr && ::X509_add_ext(certificate.get(), extension.get(), -1) == 1,
        "extension");
  return certificate;
}

}  // namespace

struct Authority::State {
  explicit State(const std::string& name)
      : key(NewKey()),
        certificate(Draft(key.get(), name, NID_basic_constraints, "critical,CA:TRUE")) {}

  Key key;
  Certificate certificate;

  void Sign(X509* draft) const {
    ::X509_set_issuer_name(draft, ::X509_get_subject_name(certificate.get()));
    Check(::X509_sign(draft, key.get(), ::EVP_sha256()) > 0, "signature");
  }
};

Authority::Authority(const std::string& name) : state_(std::make_unique<State>(name)) {
  state_->Sign(state_->certificate.get());
}

Authority::~Authority() = default;

std::string Authority::certificate() const { return ToPem(state_->certificate.get()); }

Identity Authority::Issue(const std::string& names) const {
  const Key key = NewKey();
  const Certificate certificate = Draft(key.get(), "issued", NID_subject_alt_name, names);
  state_->Sign(certificate.get());
  return {ToPem(certificate.get()), ToPem(key.get())};
}

namespace {

Context ServerContext(const Identity& identity, const std::string& client_authority) {
  Context context(::SSL_CTX_new(::TLS_server_method()));
  Check(::SSL_CTX_use_certificate(context.get(), CertificateFrom(identity.certificate).get()) == 1,
        "certificate");
  Check(::SSL_CTX_use_PrivateKey(context.get(), KeyFrom(identity.key).get()) == 1, "key");
  if (client_authority.empty()) return context;
  ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context.get()),
                        CertificateFrom(client_authority).get());
  ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

class OpenSslPeer final : public TlsPeer {
 public:
  OpenSslPeer(SSL* ssl, Peer& transport) : ssl_(ssl), transport_(transport) {}

  std::string ReadSome() override {
    std::array<char, 4096> buffer{};
    std::size_t n = 0;
    if (::SSL_read_ex(ssl_, buffer.data(), buffer.size(), &n) != 1) return {};
    return std::string(buffer.data(), n);
  }
  bool Send(std::string_view bytes) override {
    std::size_t n = 0;
    return ::SSL_write_ex(ssl_, bytes.data(), bytes.size(), &n) == 1;
  }
  std::string ServerName() const override {
    const char* name = ::SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? "" : name;
  }
  Peer& transport() override { return transport_; }

 private:
  SSL* ssl_;
  Peer& transport_;
};

}  // namespace

ScriptedServer::Script OverTls(Identity identity, std::function<void(TlsPeer&)> script,
                               std::string client_authority) {
  return [identity = std::move(identity), script = std::move(script),
          client_authority = std::move(client_authority)](Peer& transport) {
    const Context context = ServerContext(identity, client_authority);
    const Ssl ssl(::SSL_new(context.get()));
    ::SSL_set_fd(ssl.get(), transport.fd());
    if (::SSL_accept(ssl.get()) != 1) {
      transport.HalfClose();  // the alert first: unread bytes would make the close a reset
      transport.AwaitClose();
      return;
    }
    OpenSslPeer peer(ssl.get(), transport);
    script(peer);
  };
}

}  // namespace headroom::test
