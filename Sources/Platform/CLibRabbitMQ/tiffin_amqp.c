#include "tiffin_amqp.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

struct tiffin_amqp {
  amqp_connection_state_t state;
  amqp_message_t message;
  int has_message;
  char error[300];
};


static amqp_bytes_t text(const char *from) { return from ? amqp_cstring_bytes(from) : amqp_empty_bytes; }

static int is(amqp_bytes_t bytes, const char *word) { return bytes.len == strlen(word) && memcmp(bytes.bytes, word, bytes.len) == 0; }

static int fail(tiffin_amqp *link, const char *what, int status) {
  snprintf(link->error, sizeof link->error, "%s: %s", what, amqp_error_string2(status));
  return -1;
}

static int check(tiffin_amqp *link, const char *what, amqp_rpc_reply_t reply) {
  switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL: return 0;
    case AMQP_RESPONSE_LIBRARY_EXCEPTION: return fail(link, what, reply.library_error);
    case AMQP_RESPONSE_SERVER_EXCEPTION:
      if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
        amqp_channel_close_t *why = reply.reply.decoded;
        snprintf(link->error, sizeof link->error, "%s: %.*s", what, (int)why->reply_text.len, (char *)why->reply_text.bytes);
      } else if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
        amqp_connection_close_t *why = reply.reply.decoded;
        snprintf(link->error, sizeof link->error, "%s: %.*s", what, (int)why->reply_text.len, (char *)why->reply_text.bytes);
      } else {
        snprintf(link->error, sizeof link->error, "%s: refused by the broker", what);
      }
      return -1;
    default: snprintf(link->error, sizeof link->error, "%s: no answer", what); return -1;
  }
}

static int last(tiffin_amqp *link, const char *what) { return check(link, what, amqp_get_rpc_reply(link->state)); }

tiffin_amqp *tiffin_amqp_new(void) {
  tiffin_amqp *link = calloc(1, sizeof *link);
  if (link) link->state = amqp_new_connection();
  return link;
}

void tiffin_amqp_free(tiffin_amqp *link) {
  if (!link) return;
  tiffin_amqp_release(link);
  amqp_destroy_connection(link->state);
  free(link);
}

const char *tiffin_amqp_error(tiffin_amqp *link) { return link->error; }

int tiffin_amqp_connect(tiffin_amqp *link, const tiffin_amqp_place *place) {
  amqp_socket_t *socket = place->is_tls ? amqp_ssl_socket_new(link->state) : amqp_tcp_socket_new(link->state);
  if (!socket) return fail(link, "socket", AMQP_STATUS_NO_MEMORY);
  if (place->is_tls) {
    amqp_ssl_socket_set_verify_peer(socket, place->is_verified);
    amqp_ssl_socket_set_verify_hostname(socket, place->is_verified);
    int status = amqp_ssl_socket_set_cacert(socket, place->ca_file);
    if (status && place->is_verified) return fail(link, place->ca_file, status);
  }
  struct timeval limit = {place->timeout_seconds, 0};
  amqp_set_handshake_timeout(link->state, &limit);
  amqp_set_rpc_timeout(link->state, &limit);
  int status = amqp_socket_open_noblock(socket, place->host, place->port, &limit);
  if (status) return fail(link, place->is_tls ? "connect over TLS (?cacert=FILE names whom to trust)" : "connect", status);
  amqp_table_entry_t entry = {
      text("connection_name"), {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = amqp_cstring_bytes(place->name)}}};
  amqp_table_t properties = {1, &entry};
  return check(
      link, "login",
      amqp_login_with_properties(
          link->state, place->vhost, 0, 131072, place->heartbeat_seconds, &properties, AMQP_SASL_METHOD_PLAIN, place->user, place->password));
}

int tiffin_amqp_socket(tiffin_amqp *link) { return amqp_get_sockfd(link->state); }

int tiffin_amqp_open(tiffin_amqp *link, uint16_t channel, int prefetch, int is_confirming) {
  amqp_channel_open(link->state, channel);
  if (last(link, "channel")) return -1;
  if (prefetch > 0) {
    amqp_basic_qos(link->state, channel, 0, (uint16_t)prefetch, 0);
    if (last(link, "prefetch")) return -1;
  }
  if (is_confirming) {
    amqp_confirm_select(link->state, channel);
    if (last(link, "confirms")) return -1;
  }
  return 0;
}

int tiffin_amqp_declare_exchange(tiffin_amqp *link, const char *name) {
  amqp_exchange_declare(link->state, 1, text(name), text("topic"), 0, 1, 0, 0, amqp_empty_table);
  return last(link, name);
}

int tiffin_amqp_declare_queue(tiffin_amqp *link, uint16_t channel, const tiffin_amqp_queue *queue, char *name, size_t capacity) {
  amqp_table_entry_t entries[6];
  amqp_table_t arguments = {0, entries};
#define ADD(NAME, KIND, FIELD, VALUE)                   \
  do {                                                  \
    amqp_table_entry_t *entry = &entries[arguments.num_entries++]; \
    entry->key = text(NAME);                            \
    entry->value.kind = KIND;                           \
    entry->value.value.FIELD = VALUE;                   \
  } while (0)
  if (queue->is_quorum) ADD("x-queue-type", AMQP_FIELD_KIND_UTF8, bytes, text("quorum"));
  if (queue->is_single_active) ADD("x-single-active-consumer", AMQP_FIELD_KIND_BOOLEAN, boolean, 1);
  if (queue->delivery_limit) ADD("x-delivery-limit", AMQP_FIELD_KIND_I32, i32, queue->delivery_limit);
  if (queue->ttl_milliseconds) ADD("x-message-ttl", AMQP_FIELD_KIND_I32, i32, queue->ttl_milliseconds);
  if (queue->dead_exchange) ADD("x-dead-letter-exchange", AMQP_FIELD_KIND_UTF8, bytes, text(queue->dead_exchange));
  if (queue->dead_key) ADD("x-dead-letter-routing-key", AMQP_FIELD_KIND_UTF8, bytes, text(queue->dead_key));
#undef ADD
  amqp_queue_declare_ok_t *declared = amqp_queue_declare(
      link->state, channel, text(queue->name), 0, !queue->is_exclusive, queue->is_exclusive, queue->is_exclusive, arguments);
  if (last(link, queue->name ? queue->name : "queue")) return -1;
  if (name && declared) snprintf(name, capacity, "%.*s", (int)declared->queue.len, (char *)declared->queue.bytes);
  return 0;
}

int tiffin_amqp_has_queue(tiffin_amqp *link, uint16_t channel, const char *queue, int *has) {
  if (tiffin_amqp_open(link, channel, 0, 0)) return -1;
  amqp_queue_declare(link->state, channel, text(queue), 1, 0, 0, 0, amqp_empty_table);
  amqp_rpc_reply_t reply = amqp_get_rpc_reply(link->state);
  *has = reply.reply_type == AMQP_RESPONSE_NORMAL;
  if (*has) return check(link, "channel", amqp_channel_close(link->state, channel, AMQP_REPLY_SUCCESS));
  if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION || reply.reply.id != AMQP_CHANNEL_CLOSE_METHOD ||
      ((amqp_channel_close_t *)reply.reply.decoded)->reply_code != AMQP_NOT_FOUND)
    return check(link, queue, reply);
  amqp_channel_close_ok_t closed;
  memset(&closed, 0, sizeof closed);
  int status = amqp_send_method(link->state, channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &closed);
  return status ? fail(link, "channel", status) : 0;
}

int tiffin_amqp_delete_queue(tiffin_amqp *link, uint16_t channel, const char *queue) {
  amqp_queue_delete(link->state, channel, text(queue), 0, 0);
  return last(link, queue);
}

int tiffin_amqp_bind(tiffin_amqp *link, const char *queue, const char *exchange, const char *key) {
  amqp_queue_bind(link->state, 1, text(queue), text(exchange), text(key), amqp_empty_table);
  return last(link, queue);
}

int tiffin_amqp_consume(tiffin_amqp *link, uint16_t channel, const char *queue, int is_acknowledged) {
  amqp_basic_consume(link->state, channel, text(queue), amqp_empty_bytes, 0, !is_acknowledged, 0, amqp_empty_table);
  return last(link, queue);
}

int tiffin_amqp_count(tiffin_amqp *link, uint16_t channel, const char *queue, uint32_t *count) {
  amqp_queue_declare_ok_t *declared = amqp_queue_declare(link->state, channel, text(queue), 1, 0, 0, 0, amqp_empty_table);
  if (last(link, queue)) return -1;
  *count = declared ? declared->message_count : 0;
  return 0;
}

int tiffin_amqp_publish(tiffin_amqp *link, uint16_t channel, const tiffin_amqp_message *message) {
  amqp_table_entry_t entries[4];
  amqp_basic_properties_t properties;
  memset(&properties, 0, sizeof properties);
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_HEADERS_FLAG;
  properties.delivery_mode = 2;
  properties.content_type = amqp_cstring_bytes("application/json");
  properties.headers.entries = entries;
  if (message->id) properties.message_id = text(message->id), properties._flags |= AMQP_BASIC_MESSAGE_ID_FLAG;
  if (message->type) properties.type = text(message->type), properties._flags |= AMQP_BASIC_TYPE_FLAG;
  if (message->correlation) properties.correlation_id = text(message->correlation), properties._flags |= AMQP_BASIC_CORRELATION_ID_FLAG;
#define ADD(NAME, KIND, FIELD, VALUE)                                        \
  do {                                                                       \
    amqp_table_entry_t *entry = &entries[properties.headers.num_entries++];  \
    entry->key = text(NAME);                                                 \
    entry->value.kind = KIND;                                                \
    entry->value.value.FIELD = VALUE;                                        \
  } while (0)
  if (message->aggregate) ADD("aggregate", AMQP_FIELD_KIND_UTF8, bytes, text(message->aggregate));
  if (message->is_repeated) ADD("repeated", AMQP_FIELD_KIND_BOOLEAN, boolean, 1);
  if (message->attempts) ADD("attempts", AMQP_FIELD_KIND_I64, i64, message->attempts);
  if (message->reason) ADD("reason", AMQP_FIELD_KIND_UTF8, bytes, text(message->reason));
#undef ADD
  amqp_bytes_t body = {message->length, (void *)message->body};
  int status = amqp_basic_publish(link->state, channel, text(message->exchange), text(message->key), 0, 0, &properties, body);
  return status ? fail(link, "publish", status) : 0;
}

int tiffin_amqp_ack(tiffin_amqp *link, uint16_t channel, uint64_t tag, int is_multiple) {
  int status = amqp_basic_ack(link->state, channel, tag, is_multiple);
  return status ? fail(link, "acknowledge", status) : 0;
}

static int deliver(tiffin_amqp *link, amqp_basic_deliver_t *method, tiffin_amqp_event *event) {
  event->kind = TIFFIN_AMQP_DELIVERY;
  event->tag = method->delivery_tag;
  event->is_redelivered = method->redelivered;
  // The method's bytes live in the channel's buffers, which stay until they are released below.
  if (check(link, "message", amqp_read_message(link->state, event->channel, &link->message, 0))) return -1;
  link->has_message = 1;
  event->body = link->message.body.bytes;
  event->length = link->message.body.len;
  if (link->message.properties._flags & AMQP_BASIC_HEADERS_FLAG) {
    amqp_table_t *headers = &link->message.properties.headers;
    for (int index = 0; index < headers->num_entries; index++) {
      amqp_table_entry_t *entry = &headers->entries[index];
      if (is(entry->key, "repeated")) event->is_repeated = 1;
      if (is(entry->key, "attempts") && entry->value.kind == AMQP_FIELD_KIND_I64) event->attempts = entry->value.value.i64;
    }
  }
  return 0;
}

int tiffin_amqp_next(tiffin_amqp *link, tiffin_amqp_event *event) {
  struct timeval now = {0, 0};
  amqp_frame_t frame;
  memset(event, 0, sizeof *event);
  int status = amqp_simple_wait_frame_noblock(link->state, &frame, &now);
  if (status == AMQP_STATUS_TIMEOUT) return 0;
  if (status) return event->kind = TIFFIN_AMQP_LOST, fail(link, "connection", status);
  event->channel = frame.channel;
  event->kind = TIFFIN_AMQP_OTHER;
  if (frame.frame_type != AMQP_FRAME_METHOD) return 0;
  switch (frame.payload.method.id) {
    case AMQP_BASIC_DELIVER_METHOD:
      if (deliver(link, frame.payload.method.decoded, event)) return event->kind = TIFFIN_AMQP_LOST, -1;
      return 0;
    case AMQP_BASIC_ACK_METHOD: {
      amqp_basic_ack_t *ack = frame.payload.method.decoded;
      event->kind = TIFFIN_AMQP_ACK, event->tag = ack->delivery_tag, event->is_multiple = ack->multiple;
      return 0;
    }
    case AMQP_BASIC_NACK_METHOD: {
      amqp_basic_nack_t *nack = frame.payload.method.decoded;
      event->kind = TIFFIN_AMQP_NACK, event->tag = nack->delivery_tag, event->is_multiple = nack->multiple;
      return 0;
    }
    case AMQP_CHANNEL_CLOSE_METHOD: {
      amqp_channel_close_t *why = frame.payload.method.decoded;
      snprintf(link->error, sizeof link->error, "the broker closed the channel: %.*s", (int)why->reply_text.len, (char *)why->reply_text.bytes);
      return event->kind = TIFFIN_AMQP_LOST, -1;
    }
    case AMQP_CONNECTION_CLOSE_METHOD: {
      amqp_connection_close_t *why = frame.payload.method.decoded;
      snprintf(
          link->error, sizeof link->error, "the broker closed the connection: %.*s", (int)why->reply_text.len, (char *)why->reply_text.bytes);
      return event->kind = TIFFIN_AMQP_LOST, -1;
    }
    case AMQP_BASIC_CANCEL_METHOD:
      snprintf(link->error, sizeof link->error, "the broker took the queue away");
      return event->kind = TIFFIN_AMQP_LOST, -1;
    default: return 0;
  }
}

void tiffin_amqp_release(tiffin_amqp *link) {
  if (link->has_message) amqp_destroy_message(&link->message);
  link->has_message = 0;
  amqp_maybe_release_buffers(link->state);
}

void tiffin_amqp_close(tiffin_amqp *link) { amqp_connection_close(link->state, AMQP_REPLY_SUCCESS); }
