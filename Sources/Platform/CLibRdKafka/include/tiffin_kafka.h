// What Tiffin needs of librdkafka beyond what Swift can call as it is: no unions, no variable arguments.
#ifndef TIFFIN_KAFKA_H
#define TIFFIN_KAFKA_H

#include <librdkafka/rdkafka.h>
#include <stddef.h>
#include <stdint.h>

// A message to send; text that is NULL and numbers that are 0 are left out.
typedef struct {
  const char *topic;
  const void *key;
  size_t key_length;
  const char *id;
  const char *type;
  const char *aggregate;
  const char *reason;
  int64_t attempts;
  int64_t due_milliseconds;
  int is_repeated;
  const void *body;
  size_t length;
  void *opaque;
} tiffin_kafka_message;

// What one of our headers says of a message.
typedef struct {
  const char *type;
  size_t type_length;
  int64_t attempts;
  int64_t due_milliseconds;
  int is_repeated;
} tiffin_kafka_headers;

rd_kafka_resp_err_t tiffin_kafka_produce(rd_kafka_t *kafka, const tiffin_kafka_message *message);
void tiffin_kafka_read_headers(const rd_kafka_message_t *message, tiffin_kafka_headers *headers);
// Makes the topics that are not there; NULL, or why it could not.
const char *tiffin_kafka_create_topics(
    rd_kafka_t *kafka, const char *const *names, int count, int partitions, int timeout_milliseconds, char *error, size_t capacity);

#endif
