// HTTP as a scripted server speaks it: what it reads, and what it answers however rude.
#pragma once

#include <string>
#include <string_view>

#include "test/support/scripted_server.h"

namespace headroom::test {

inline constexpr std::string_view kOkReply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// `status`: "403 Forbidden".
std::string HttpReplyText(std::string_view status, std::string_view body = "");

// One request's header, of a client that sends no body; empty once it has closed. AnyPeer is a Peer
// or a TlsPeer.
template <class AnyPeer>
std::string ReadRequest(AnyPeer& peer) {
  std::string request;
  while (!request.ends_with("\r\n\r\n")) {
    const std::string more = peer.ReadSome();
    if (more.empty()) return {};
    request += more;
  }
  return request;
}

// Answers each request until the client closes.
template <class AnyPeer>
void AnswerEach(AnyPeer& peer, std::string_view answer) {
  while (!ReadRequest(peer).empty()) {
    if (!peer.Send(answer)) return;
  }
}

// Answers the first request and waits for the client to go.
ScriptedServer::Script Answer(std::string answer);
ScriptedServer::Script AnswerAndClose(std::string answer);
ScriptedServer::Script AnswerAll(std::string answer = std::string(kOkReply));

}  // namespace headroom::test
