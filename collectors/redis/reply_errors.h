// What an error reply means, and what it says about the rest of the batch.
#pragma once

#include <string_view>

#include "collectors/redis/client.h"
#include "collectors/result.h"

namespace headroom::redis {

// "NOAUTH", "WRONGTYPE", "ERR": the one part of an error's text that is the same in all versions.
std::string_view FirstWord(const Reply& reply);

// The kind follows from the first word; where that is only "ERR", from the beginning of the text,
// for the few that matter; kProtocol when neither is known. The message is the reply's text, made
// printable and bounded, with advice where there is any. Precondition: reply.IsError().
Error ToError(const Reply& reply);

// True when the server as a whole does not serve us (LOADING, MASTERDOWN, NOAUTH, CLUSTERDOWN,
// MOVED, BUSY, ...): a part that got such a reply is unanswered. False when only this key or this
// command is refused (WRONGTYPE, NOPERM, a plain ERR). Precondition: reply.IsError().
bool ConcernsServer(const Reply& reply);

bool IsWrongType(const Reply& reply);

}  // namespace headroom::redis
