// spawn_loop COUNT ABREAST PROGRAM WORD...: starts a program so often, so many abreast, and does nothing else.

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

int main(int count, char **words) {
  if (count < 4) return 2;
  int left = atoi(words[1]), abreast = atoi(words[2]), running = 0;
  while (left > 0 || running > 0) {
    if (left > 0 && running < abreast) {
      pid_t pid;
      if (posix_spawn(&pid, words[3], NULL, NULL, words + 3, environ) != 0) return perror(words[3]), 1;
      left -= 1, running += 1;
    } else {
      int status;
      if (wait(&status) < 0 || status != 0) return 1;
      running -= 1;
    }
  }
  return 0;
}
