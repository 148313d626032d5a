/* Bytes through a port, and how long they take: the ends of the rows about links.

     flow -c CONFIGURATION MODE PORT [AMOUNT]

   MODE is sink or echo: takes connections on PORT of 127.0.0.1 until it is killed. A sink reads all that comes, and then
   answers with the seconds from the first byte to the last; an echo sends back what comes. Or send: sends AMOUNT bytes to a
   sink and prints its answer. Or ping: prints the median of AMOUNT round trips of 64 bytes to an echo, in seconds.

   CONFIGURATION is not read. A relay knows a server's region by it. */

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char buffer[1 << 18];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void must(long result, const char *what) {
  if (result >= 0) return;
  perror(what);
  exit(1);
}

static void send_all(int socket, const char *bytes, long count) {
  while (count > 0) {
    long sent = write(socket, bytes, count);
    must(sent, "write");
    bytes += sent;
    count -= sent;
  }
}

static void sink(int socket) {
  double first = 0, last = 0;
  for (long count; (count = read(socket, buffer, sizeof buffer)) > 0;) {
    last = now();
    if (first == 0) first = last;
  }
  char answer[32];
  send_all(socket, answer, snprintf(answer, sizeof answer, "%.9f\n", last - first));
}

static void echo(int socket) {
  for (long count; (count = read(socket, buffer, sizeof buffer)) > 0;) send_all(socket, buffer, count);
}

static int compare(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

static void ping(int socket, long count) {
  double *took = malloc(count * sizeof *took);
  for (long i = 0; i < count; i++) {
    double start = now();
    send_all(socket, buffer, 64);
    for (long left = 64, part; left > 0; left -= part) {
      part = read(socket, buffer, left);
      if (part == 0) exit(1);
      must(part, "read");
    }
    took[i] = now() - start;
  }
  qsort(took, count, sizeof *took, compare);
  printf("%.9f\n", took[count / 2]);
}

static void sending(int socket, long count) {
  for (long part; count > 0; count -= part) {
    part = count < (long)sizeof buffer ? count : (long)sizeof buffer;
    send_all(socket, buffer, part);
  }
  must(shutdown(socket, SHUT_WR), "shutdown");
  long answered = read(socket, buffer, sizeof buffer);
  must(answered, "read");
  fwrite(buffer, 1, answered, stdout);
}

int main(int count, char **words) {
  if (count < 5) {
    fprintf(stderr, "flow -c CONFIGURATION MODE PORT [AMOUNT]\n");
    return 2;
  }
  const char *mode = words[3];
  long amount = count > 5 ? atol(words[5]) : 0;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(words[4]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int own = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  must(own, "socket");
  if (strcmp(mode, "send") == 0 || strcmp(mode, "ping") == 0) {
    must(connect(own, (struct sockaddr *)&address, sizeof address), "connect");
    setsockopt(own, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (strcmp(mode, "send") == 0) sending(own, amount); else ping(own, amount);
    return 0;
  }
  setsockopt(own, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  must(bind(own, (struct sockaddr *)&address, sizeof address), "bind");
  must(listen(own, 16), "listen");
  for (;;) {
    int other = accept(own, NULL, NULL);
    must(other, "accept");
    setsockopt(other, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (strcmp(mode, "sink") == 0) sink(other); else echo(other);
    close(other);
  }
}
