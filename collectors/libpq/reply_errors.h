// What an error of libpq or of the server means, in our terms.
//
// PostgreSQL is judged by SQLSTATE, whose classes are the same in every version and language.
// PgBouncer (1.12 to 1.24) says 08P01 to nearly everything, in English always: there the words
// decide.
#pragma once

#include <string>
#include <string_view>

#include "collectors/result.h"

namespace headroom::pq {

// Printable, in one line, without `secret`.
std::string OneLine(std::string_view message, std::string_view secret);

// An answer of the server. `sqlstate` may be empty: then kConnect.
Error ServerError(std::string_view sqlstate, std::string_view text, std::string_view secret);

// Why no session came about: `message` is PQerrorMessage's under PQERRORS_VERBOSE, the only way in
// which libpq tells the SQLSTATE of a refused connection.
Error ConnectError(std::string_view message, std::string_view secret);

// Why a session ended. kProtocol: the server sent what libpq cannot understand.
Error LostError(std::string_view message, std::string_view secret);

}  // namespace headroom::pq
