// What Tiffin needs of librabbitmq, in calls that Swift can make: no variable arguments, no unions, no macros.
#ifndef TIFFIN_AMQP_H
#define TIFFIN_AMQP_H

#include <stddef.h>
#include <stdint.h>

typedef struct tiffin_amqp tiffin_amqp;

// Where and how to connect; strings end with a zero byte.
typedef struct {
  const char *host;
  int port;
  int is_tls;
  int is_verified;
  const char *ca_file;
  const char *vhost;
  const char *user;
  const char *password;
  const char *name;
  int heartbeat_seconds;
  int timeout_seconds;
} tiffin_amqp_place;

// What a queue is like; NULL and 0 leave the broker's default.
typedef struct {
  const char *name;
  int is_exclusive;
  int is_quorum;
  int is_single_active;
  int delivery_limit;
  int ttl_milliseconds;
  const char *dead_exchange;
  const char *dead_key;
} tiffin_amqp_queue;

// A message to send; text that is NULL is left out.
typedef struct {
  const char *exchange;
  const char *key;
  const char *id;
  const char *type;
  const char *correlation;
  const char *aggregate;
  const char *reason;
  int64_t attempts;
  int is_repeated;
  const void *body;
  size_t length;
} tiffin_amqp_message;

enum {
  TIFFIN_AMQP_NOTHING = 0,
  TIFFIN_AMQP_DELIVERY = 1,
  TIFFIN_AMQP_ACK = 2,
  TIFFIN_AMQP_NACK = 3,
  TIFFIN_AMQP_OTHER = 4,
  TIFFIN_AMQP_LOST = -1
};

// What came from the broker. The body belongs to the receiver until `tiffin_amqp_release`.
typedef struct {
  int kind;
  uint16_t channel;
  uint64_t tag;
  int is_multiple;
  int is_redelivered;
  int is_repeated;
  int64_t attempts;
  const void *body;
  size_t length;
} tiffin_amqp_event;

// Every call answers 0 when it worked; else `tiffin_amqp_error` says why it did not.
tiffin_amqp *tiffin_amqp_new(void);
void tiffin_amqp_free(tiffin_amqp *link);
const char *tiffin_amqp_error(tiffin_amqp *link);
int tiffin_amqp_connect(tiffin_amqp *link, const tiffin_amqp_place *place);
int tiffin_amqp_socket(tiffin_amqp *link);
int tiffin_amqp_open(tiffin_amqp *link, uint16_t channel, int prefetch, int is_confirming);
int tiffin_amqp_declare_exchange(tiffin_amqp *link, const char *name);
int tiffin_amqp_declare_queue(tiffin_amqp *link, uint16_t channel, const tiffin_amqp_queue *queue, char *name, size_t capacity);
// Whether there is a queue of that name, asked on a channel of its own, which a refusal closes.
int tiffin_amqp_has_queue(tiffin_amqp *link, uint16_t channel, const char *queue, int *has);
int tiffin_amqp_delete_queue(tiffin_amqp *link, uint16_t channel, const char *queue);
int tiffin_amqp_bind(tiffin_amqp *link, const char *queue, const char *exchange, const char *key);
int tiffin_amqp_consume(tiffin_amqp *link, uint16_t channel, const char *queue, int is_acknowledged);
int tiffin_amqp_count(tiffin_amqp *link, uint16_t channel, const char *queue, uint32_t *count);
int tiffin_amqp_publish(tiffin_amqp *link, uint16_t channel, const tiffin_amqp_message *message);
int tiffin_amqp_ack(tiffin_amqp *link, uint16_t channel, uint64_t tag, int is_multiple);
// Takes the next thing that is there already, without waiting.
int tiffin_amqp_next(tiffin_amqp *link, tiffin_amqp_event *event);
void tiffin_amqp_release(tiffin_amqp *link);
void tiffin_amqp_close(tiffin_amqp *link);

#endif
