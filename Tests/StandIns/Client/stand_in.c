// Hands a call of docker, k3d, kubectl, helm or linkerd over to player.py, and ends with its exit status.
// Python takes ten times as long to start as this.

#include <libgen.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static pid_t play;

static void pass_on(int signal) { kill(play, signal); }

static int refuse(const char *what) {
  perror(what);
  return 70;
}

// Connects to the player; its three streams go along with the first byte of the text.
static int hand_over(const char *path, char *text, size_t length) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return -1;
  strcpy(address.sun_path, path);
  int player = socket(AF_UNIX, SOCK_STREAM, 0);
  if (player < 0 || connect(player, (struct sockaddr *)&address, sizeof address) != 0) return -1;

  int streams[3] = {0, 1, 2};
  char control[CMSG_SPACE(sizeof streams)] = {0};
  struct iovec part = {text, length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof streams);
  memcpy(CMSG_DATA(header), streams, sizeof streams);
  ssize_t sent = sendmsg(player, &message, 0);
  while (sent > 0 && (size_t)sent < length) {
    text += sent, length -= sent;
    sent = write(player, text, length);
  }
  return sent > 0 ? player : -1;
}

int main(int count, char **words) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  // Those that the play is to hear of wait until it is known who plays. Whoever started us may have had them blocked.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT), sigaddset(&signals, SIGTERM), sigaddset(&signals, SIGHUP);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  const char *path = getenv("NBX_STANDIN_PLAYER");
  if (path == NULL) return refuse("NBX_STANDIN_PLAYER");

  // The length of all that follows: when it began, who it is, the folder that it is in, how many words there are, these,
  // and the environment, each with a zero byte behind it.
  char folder[4096], number[32];
  if (getcwd(folder, sizeof folder) == NULL) return refuse("getcwd");
  words[0] = basename(words[0]);
  char *text;
  size_t size;
  FILE *stream = open_memstream(&text, &size);
  if (stream == NULL) return refuse("open_memstream");
  fwrite(&(uint32_t){0}, sizeof(uint32_t), 1, stream);
  snprintf(number, sizeof number, "%lld", now.tv_sec * 1000000000LL + now.tv_nsec);
  fprintf(stream, "%s%c%d%c%s%c%d%c", number, 0, getpid(), 0, folder, 0, count, 0);
  for (char **word = words; *word != NULL; word++) fprintf(stream, "%s%c", *word, 0);
  for (char **variable = environ; *variable != NULL; variable++) fprintf(stream, "%s%c", *variable, 0);
  if (fclose(stream) != 0) return refuse("the call");
  *(uint32_t *)text = (uint32_t)(size - sizeof(uint32_t));

  int player = hand_over(path, text, size);
  if (player < 0) return refuse(path);
  int32_t pid;
  if (read(player, &pid, sizeof pid) != sizeof pid) return 70;
  play = pid;
  signal(SIGINT, pass_on), signal(SIGTERM, pass_on), signal(SIGHUP, pass_on);
  sigprocmask(SIG_UNBLOCK, &signals, NULL);
  unsigned char status;
  return read(player, &status, 1) == 1 ? status : 70;
}
