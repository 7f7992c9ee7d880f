// RESP2 on the bytes of a connection: commands out, replies in.
//
// Replies are parsed by hiredis' reader (0.14 and 1.2 alike), one whole reply at a time, after
// FramingScanner has found its end.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "collectors/redis/client.h"
#include "collectors/redis/framing.h"
#include "collectors/result.h"

struct redisReader;

namespace headroom::redis {

// Threads: one at a time.
class ReplyReader {
 public:
  ReplyReader(std::size_t max_reply_bytes, std::size_t max_batch_bytes);
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  // Starts to count anew for max_batch_bytes.
  void BeginBatch() { batch_cost_ = 0; }
  // Takes all of `bytes`; whole replies are appended to `replies`. kProtocol: not RESP2, or over a
  // cap; the connection is of no further use then.
  Status Feed(std::string_view bytes, std::vector<Reply>& replies);
  // No reply has begun and not ended.
  bool idle() const { return scanner_.idle(); }

 private:
  struct Free {
    void operator()(redisReader* reader) const;
  };
  Result<Reply> Parse();

  FramingScanner scanner_;
  std::size_t max_batch_bytes_;
  std::size_t batch_cost_ = 0;  // of the whole replies since BeginBatch()
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace headroom::redis
