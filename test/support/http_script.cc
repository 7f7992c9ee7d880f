#include "test/support/http_script.h"

#include <fmt/format.h>

#include <utility>

namespace headroom::test {

std::string HttpReplyText(std::string_view status, std::string_view body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n\r\n{}", status, body.size(), body);
}

ScriptedServer::Script Answer(std::string answer) {
  return [answer = std::move(answer)](Peer& peer) {
    ReadRequest(peer);
    peer.Send(answer);
    peer.AwaitClose();
  };
}

ScriptedServer::Script AnswerAndClose(std::string answer) {
  return [answer = std::move(answer)](Peer& peer) {
    ReadRequest(peer);
    peer.Send(answer);
  };
}

ScriptedServer::Script AnswerAll(std::string answer) {
  return [answer = std::move(answer)](Peer& peer) { AnswerEach(peer, answer); };
}

}  // namespace headroom::test
