// GroupReader: one run's reading of one worker group. It says which commands to send, takes their
// replies, and may want more: a set of names is followed by the records, and a key that is not what
// it was last time is asked again. Does no I/O itself.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "collectors/reading.h"
#include "collectors/redis/client.h"
#include "collectors/redis/json_fields.h"
#include "collectors/redis/known_keys.h"
#include "collectors/redis/options.h"
#include "collectors/redis/workers.h"

namespace headroom::redis {

// More keys than this are not a worker group but a wrong pattern.
inline constexpr std::size_t kMaxKeys = 100'000;

class GroupReader {
 public:
  // `keys`: what discovery knows of the group's pattern, or, for `members`, what the last run saw;
  // the reader keeps it up to date. All arguments must outlive the reader.
  GroupReader(const WorkerOptions& options, KnownKeys& keys, WallTime now, JsonFields& json);

  // Appends what is to be asked next and returns how many commands that is; 0: done.
  std::size_t AddCommands(Batch& batch);
  // The replies to exactly those commands. An Error: the server as a whole does not serve us.
  Status Take(std::span<const Reply> replies);

  // The group, or why it is unknown: a count over the members that happened to answer would be
  // false.
  Result<WorkerGroup> Finish();

 private:
  struct Question {
    const std::string* key;
    KnownKey* known;
    bool again;  // the second and last attempt
  };
  bool AsksTimeToLive(const Question& question) const;
  void AddQuestion(const Question& question, Batch& batch) const;
  void TakeMembers(const Reply& reply);
  void TakeAnswer(const Question& question, std::span<const Reply> replies);
  void TakeRecord(const Question& question, const Reply& reply, const TimeToLive& ttl);
  void OtherKind(const Question& question);
  void AskAgain(const Question& question);
  void Fail(Error error);

  const WorkerOptions& options_;
  const std::vector<std::string> fields_;
  KnownKeys& keys_;
  const WallTime now_;
  JsonFields& json_;
  GroupTally tally_;
  bool members_wanted_;
  std::vector<Question> questions_;  // to be asked next
  std::vector<Question> asked_;      // under way
  std::optional<Error> error_;
};

}  // namespace headroom::redis
