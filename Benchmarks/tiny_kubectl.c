// A kubectl that knows one object, in no time.

#include <unistd.h>

int main(void) {
  static const char object[] = "{\"kind\": \"ConfigMap\", \"data\": {}}\n";
  return write(1, object, sizeof object - 1) == (ssize_t)(sizeof object - 1) ? 0 : 1;
}
