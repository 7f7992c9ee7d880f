#include "test/support/pq_wire.h"

#include <sys/socket.h>

namespace headroom::test::pq {
namespace {

std::string Big(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    text += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU);
  }
  return text;
}

std::string Int32(std::size_t value) { return Big(static_cast<std::uint32_t>(value), 4); }
std::string Int16(std::size_t value) { return Big(static_cast<std::uint32_t>(value), 2); }
std::string CString(std::string_view text) { return std::string(text) + '\0'; }

std::string Receive(Peer& peer, std::size_t bytes) {
  std::string got(bytes, '\0');
  const ssize_t n = bytes == 0 ? 0 : ::recv(peer.fd(), got.data(), bytes, MSG_WAITALL);
  got.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  return got;
}

// Length included itself; empty once the peer has closed.
std::string ReceiveBody(Peer& peer) {
  const std::string head = Receive(peer, 4);
  if (head.size() < 4) return "";
  std::uint32_t length = 0;
  for (const char c : head) length = length << 8U | static_cast<unsigned char>(c);
  return Receive(peer, length - 4);
}

}  // namespace

std::string Header(char type, std::uint32_t body_bytes) {
  return std::string(1, type) + Int32(std::size_t{body_bytes} + 4);
}

std::string Message(char type, std::string_view body) {
  return Header(type, static_cast<std::uint32_t>(body.size())) + std::string(body);
}

std::string AuthenticationOk() { return Message('R', Int32(0)); }

std::string AuthenticationCleartextPassword() { return Message('R', Int32(3)); }

std::string ParameterStatus(std::string_view name, std::string_view value) {
  return Message('S', CString(name) + CString(value));
}

std::string RowDescription(const std::vector<std::string>& columns) {
  std::string body = Int16(columns.size());
  for (const std::string& column : columns) {
    // No table, type text (25), of variable length, no modifier, text format.
    body += CString(column) + Int32(0) + Int16(0) + Int32(25) + Int16(0xFFFF) + Int32(0xFFFFFFFF) +
            Int16(0);
  }
  return Message('T', body);
}

std::string DataRow(const Cells& cells) {
  std::string body = Int16(cells.size());
  for (const auto& cell : cells) {
    body += cell ? Int32(cell->size()) + *cell : Int32(0xFFFFFFFF);
  }
  return Message('D', body);
}

std::string CommandComplete(std::string_view tag) { return Message('C', CString(tag)); }

std::string ErrorResponse(std::string_view severity, std::string_view sqlstate,
                          std::string_view text) {
  std::string body = "S" + CString(severity);
  if (!sqlstate.empty()) body += "C" + CString(sqlstate);
  return Message('E', body + "M" + CString(text) + '\0');
}

std::string NoticeResponse(std::string_view text) {
  return Message('N', "S" + CString("NOTICE") + "M" + CString(text) + '\0');
}

std::string ReadyForQuery() { return Message('Z', "I"); }

std::string TableAnswer(const std::vector<std::string>& columns, const std::vector<Cells>& rows) {
  std::string answer = RowDescription(columns);
  for (const Cells& row : rows) answer += DataRow(row);
  return answer + CommandComplete("SELECT");
}

std::string ReadStartup(Peer& peer) { return ReceiveBody(peer); }

std::string ReadMessage(Peer& peer) {
  std::string type = Receive(peer, 1);
  return type.empty() ? type : type + ReceiveBody(peer);
}

void Greet(Peer& peer) {
  ReadStartup(peer);
  peer.Send(AuthenticationOk() + ParameterStatus("server_version", "15.4") + ReadyForQuery());
}

std::string ReadPipelined(Peer& peer) {
  // 'P', the statement's name (none), its text.
  const std::string parse = ReadMessage(peer);
  if (parse.size() < 2) return "";
  for (std::string type = "P"; type != "S";) {
    type = ReadMessage(peer).substr(0, 1);
    if (type.empty()) return "";
  }
  return std::string(parse.c_str() + 2);
}

std::string Accepted() { return Message('1', "") + Message('2', ""); }

}  // namespace headroom::test::pq
