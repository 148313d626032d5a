/* The C client's part in the rows about messages: what client.py does, and the other end of both.

     client WHAT URL COUNT SIZE [SUBJECT]

   WHAT is publish, receive, store or request: prints the seconds that COUNT messages took, of a request the seconds of the
   median. Or answer: answers requests until it is killed. Every WHAT has a subject of its own name. */

#include <nats/nats.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many messages wait for their stream's word at once. */
enum { IN_FLIGHT = 256 };

static void must(natsStatus status, const char *what) {
  if (status == NATS_OK) return;
  fprintf(stderr, "%s: %s\n", what, natsStatus_GetText(status));
  exit(1);
}

static void publish(natsConnection *connection, const char *subject, const char *payload, int size, long count) {
  for (long i = 0; i < count; i++) must(natsConnection_Publish(connection, subject, payload, size), "publish");
  must(natsConnection_Flush(connection), "flush");
}

/* Returns when the first message came. */
static int64_t receive(natsConnection *connection, long count) {
  natsSubscription *subscription = NULL;
  natsMsg *message = NULL;
  int64_t first = 0;
  must(natsConnection_SubscribeSync(&subscription, connection, "receive"), "subscribe");
  must(natsSubscription_SetPendingLimits(subscription, -1, -1), "limits");
  for (long i = 0; i < count; i++) {
    must(natsSubscription_NextMsg(&message, subscription, 60000), "next message");
    if (i == 0) first = nats_NowInNanoSeconds();
    natsMsg_Destroy(message);
  }
  natsSubscription_Destroy(subscription);
  return first;
}

static void store(natsConnection *connection, const char *payload, int size, long count) {
  jsOptions options;
  jsCtx *stream = NULL;
  jsPubOptions wait;
  natsMsgList failed;
  must(jsOptions_Init(&options), "options");
  options.PublishAsync.MaxPending = IN_FLIGHT;
  must(natsConnection_JetStream(&stream, connection, &options), "JetStream");
  for (long i = 0; i < count; i++) must(js_PublishAsync(stream, "store", payload, size, NULL), "publish");
  must(jsPubOptions_Init(&wait), "options");
  wait.MaxWait = 60000;
  must(js_PublishAsyncComplete(stream, &wait), "acknowledgements");
  must(js_PublishAsyncGetPendingList(&failed, stream) == NATS_NOT_FOUND ? NATS_OK : NATS_ERR, "acknowledgements");
  jsCtx_Destroy(stream);
}

static int compare(const void *a, const void *b) {
  int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
  return (left > right) - (left < right);
}

/* Returns the median. */
static int64_t request(natsConnection *connection, const char *payload, int size, long count) {
  int64_t *took = malloc(count * sizeof *took);
  for (long i = 0; i < count; i++) {
    natsMsg *answer = NULL;
    int64_t start = nats_NowInNanoSeconds();
    must(natsConnection_Request(&answer, connection, "answer", payload, size, 5000), "request");
    took[i] = nats_NowInNanoSeconds() - start;
    natsMsg_Destroy(answer);
  }
  qsort(took, count, sizeof *took, compare);
  int64_t median = took[count / 2];
  free(took);
  return median;
}

static void answer(natsConnection *connection) {
  natsSubscription *subscription = NULL;
  natsMsg *question = NULL;
  must(natsConnection_SubscribeSync(&subscription, connection, "answer"), "subscribe");
  for (;;) {
    natsStatus status = natsSubscription_NextMsg(&question, subscription, 60000);
    if (status == NATS_TIMEOUT) continue;
    must(status, "next question");
    must(natsConnection_Publish(
           connection, natsMsg_GetReply(question), natsMsg_GetData(question), natsMsg_GetDataLength(question)),
         "answer");
    /* Else it would wait a millisecond for more. */
    must(natsConnection_FlushTimeout(connection, 5000), "flush");
    natsMsg_Destroy(question);
  }
}

int main(int count, char **words) {
  if (count < 5) {
    fprintf(stderr, "client WHAT URL COUNT SIZE [SUBJECT]\n");
    return 2;
  }
  const char *what = words[1];
  long messages = atol(words[3]);
  int size = atoi(words[4]);
  char *payload = malloc(size);
  memset(payload, 'x', size);
  natsConnection *connection = NULL;
  must(natsConnection_ConnectTo(&connection, words[2]), "connect");
  int64_t start = nats_NowInNanoSeconds(), took = -1;
  if (strcmp(what, "publish") == 0) publish(connection, count > 5 ? words[5] : "publish", payload, size, messages);
  else if (strcmp(what, "receive") == 0) start = receive(connection, messages);
  else if (strcmp(what, "store") == 0) store(connection, payload, size, messages);
  else if (strcmp(what, "request") == 0) took = request(connection, payload, size, messages);
  else answer(connection);
  if (took < 0) took = nats_NowInNanoSeconds() - start;
  printf("%.9f\n", took / 1e9);
  natsConnection_Destroy(connection);
  return 0;
}
