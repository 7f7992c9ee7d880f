// The server's side of PostgreSQL's protocol 3.0 (its documentation, chapter 55), as far as scripts
// for ScriptedServer need it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "test/support/scripted_server.h"

namespace headroom::test::pq {

using Cells = std::vector<std::optional<std::string>>;

// Type byte, length, body.
std::string Message(char type, std::string_view body);
// Type byte and a length, and no body yet.
std::string Header(char type, std::uint32_t body_bytes);
std::string AuthenticationOk();
std::string AuthenticationCleartextPassword();
std::string ParameterStatus(std::string_view name, std::string_view value);
std::string RowDescription(const std::vector<std::string>& columns);
std::string DataRow(const Cells& cells);
std::string CommandComplete(std::string_view tag);
std::string ErrorResponse(std::string_view severity, std::string_view sqlstate,
                          std::string_view text);
std::string NoticeResponse(std::string_view text);
std::string ReadyForQuery();
// One whole answer of the simple protocol, without ReadyForQuery.
std::string TableAnswer(const std::vector<std::string>& columns, const std::vector<Cells>& rows);

// All of the startup message; empty once the peer has closed.
std::string ReadStartup(Peer& peer);
// Type byte and body.
std::string ReadMessage(Peer& peer);
// Lets anybody in.
void Greet(Peer& peer);
// Reads one statement of a pipeline: Parse, Bind, Describe, Execute, Sync. Its text.
std::string ReadPipelined(Peer& peer);
// ParseComplete and BindComplete, which stand before the answer of a pipelined statement.
std::string Accepted();

}  // namespace headroom::test::pq
