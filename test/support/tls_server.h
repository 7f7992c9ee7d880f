// TLS for ScriptedServer, with certificates made on the spot.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "test/support/scripted_server.h"

namespace headroom::test {

// A certificate and its key, as PEM.
struct Identity {
  std::string certificate;
  std::string key;
};

// A certificate authority of its own.
class Authority {
 public:
  explicit Authority(const std::string& name = "headroom test authority");
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  std::string certificate() const;  // PEM
  // `names`: subject alternative names as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1".
  Identity Issue(const std::string& names) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The server's end of a TLS connection.
class TlsPeer {
 public:
  virtual ~TlsPeer() = default;
  virtual std::string ReadSome() = 0;  // empty once the peer has closed
  virtual bool Send(std::string_view bytes) = 0;
  virtual std::string ServerName() const = 0;  // that the client asked for (SNI)
  virtual Peer& transport() = 0;
};

// Shakes hands as `identity`, then does what `script` says; nothing when the handshake fails. With
// `client_authority` (PEM) a client must have a certificate of that authority.
ScriptedServer::Script OverTls(Identity identity, std::function<void(TlsPeer&)> script,
                               std::string client_authority = "");

}  // namespace headroom::test
