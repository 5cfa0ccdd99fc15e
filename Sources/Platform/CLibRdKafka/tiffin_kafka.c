#include "tiffin_kafka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

rd_kafka_resp_err_t tiffin_kafka_produce(rd_kafka_t *kafka, const tiffin_kafka_message *message) {
  rd_kafka_vu_t parts[12];
  size_t count = 0;
  char attempts[24], due[24];
#define PART(TYPE) (parts[count].vtype = RD_KAFKA_VTYPE_##TYPE, &parts[count++].u)
#define HEADER(NAME, VALUE)                                  \
  do {                                                       \
    const char *value = VALUE;                               \
    PART(HEADER)->header.name = NAME;                        \
    parts[count - 1].u.header.val = value;                   \
    parts[count - 1].u.header.size = (ssize_t)strlen(value); \
  } while (0)
  PART(TOPIC)->cstr = message->topic;
  PART(VALUE)->mem.ptr = (void *)message->body;
  parts[count - 1].u.mem.size = message->length;
  if (message->key) {
    PART(KEY)->mem.ptr = (void *)message->key;
    parts[count - 1].u.mem.size = message->key_length;
  }
  PART(MSGFLAGS)->i = RD_KAFKA_MSG_F_COPY;
  PART(OPAQUE)->ptr = message->opaque;
  if (message->id) HEADER("id", message->id);
  if (message->type) HEADER("type", message->type);
  if (message->aggregate) HEADER("aggregate", message->aggregate);
  if (message->reason) HEADER("reason", message->reason);
  if (message->is_repeated) HEADER("repeated", "1");
  if (message->attempts) {
    snprintf(attempts, sizeof attempts, "%lld", (long long)message->attempts);
    HEADER("attempts", attempts);
  }
  if (message->due_milliseconds) {
    snprintf(due, sizeof due, "%lld", (long long)message->due_milliseconds);
    HEADER("due", due);
  }
#undef HEADER
#undef PART
  rd_kafka_error_t *error = rd_kafka_produceva(kafka, parts, count);
  if (!error) return RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_resp_err_t code = rd_kafka_error_code(error);
  rd_kafka_error_destroy(error);
  return code;
}

static int64_t number(const void *bytes, size_t length) {
  char text[24];
  if (length >= sizeof text) return 0;
  memcpy(text, bytes, length);
  text[length] = 0;
  return atoll(text);
}

void tiffin_kafka_read_headers(const rd_kafka_message_t *message, tiffin_kafka_headers *out) {
  memset(out, 0, sizeof *out);
  rd_kafka_headers_t *headers;
  if (rd_kafka_message_headers(message, &headers)) return;
  const char *name;
  const void *value;
  size_t length;
  for (size_t index = 0; !rd_kafka_header_get_all(headers, index, &name, &value, &length); index++) {
    if (!value) continue;
    if (!strcmp(name, "type")) out->type = value, out->type_length = length;
    if (!strcmp(name, "attempts")) out->attempts = number(value, length);
    if (!strcmp(name, "due")) out->due_milliseconds = number(value, length);
    if (!strcmp(name, "repeated")) out->is_repeated = 1;
  }
}

const char *tiffin_kafka_create_topics(
    rd_kafka_t *kafka, const char *const *names, int count, int partitions, int timeout_milliseconds, char *error, size_t capacity) {
  rd_kafka_NewTopic_t **topics = calloc((size_t)count, sizeof *topics);
  const char *failure = NULL;
  for (int index = 0; index < count; index++) {
    // How many copies there are is the broker's setting.
    topics[index] = rd_kafka_NewTopic_new(names[index], partitions, -1, error, capacity);
    if (!topics[index]) failure = error;
  }
  if (!failure) {
    rd_kafka_queue_t *queue = rd_kafka_queue_new(kafka);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(kafka, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_request_timeout(options, timeout_milliseconds, error, capacity);
    rd_kafka_CreateTopics(kafka, topics, (size_t)count, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_milliseconds + 1000);
    if (!event) {
      snprintf(error, capacity, "no answer");
      failure = error;
    } else if (rd_kafka_event_error(event)) {
      snprintf(error, capacity, "%s", rd_kafka_event_error_string(event));
      failure = error;
    } else {
      size_t answered;
      const rd_kafka_topic_result_t **results =
          rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &answered);
      for (size_t index = 0; index < answered; index++) {
        rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[index]);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
        snprintf(error, capacity, "topic %s: %s", rd_kafka_topic_result_name(results[index]), rd_kafka_err2str(code));
        failure = error;
      }
    }
    if (event) rd_kafka_event_destroy(event);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
  }
  for (int index = 0; index < count; index++)
    if (topics[index]) rd_kafka_NewTopic_destroy(topics[index]);
  free(topics);
  return failure;
}
