/* Answers every request with the documented 200 after a delay, on one thread for all connections.
 *
 *   slow-server DELAY-MS
 *
 * Its first line is its URL on loopback. It stops when standard input ends. */

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const char ANSWER[] = "HTTP/1.1 200 OK\r\n"
                             "Server: akka-http/10.2.10\r\n"
                             "Date: Tue, 09 Mar 2021 13:28:32 GMT\r\n"
                             "Content-Type: application/json\r\n"
                             "Content-Length: 61\r\n"
                             "\r\n"
                             "{\"isInHelp\": true, \"helpType\": \"inbound\", "
                             "\"staffId\": \"45001\"}";

enum { MAX_CONNECTIONS = 4096, EVENTS = 256 };

/* The delay is the same for all, so that answers are due in the order of their requests. */
struct answer {
  int socket;
  int64_t due;
};
static struct answer answers[MAX_CONNECTIONS];
static unsigned first, end;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void must(int holds, const char *what) {
  if (!holds) {
    perror(what);
    exit(1);
  }
}

static void watch(int poller, int descriptor) {
  struct epoll_event event = {EPOLLIN, {.fd = descriptor}};
  must(epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) == 0, "epoll_ctl");
}

/* Clients send one request in one piece, and no other before they have the answer. */
static void receive(int socket, int64_t delay) {
  char request[16 * 1024];
  if (read(socket, request, sizeof request) <= 0) {
    close(socket);
    return;
  }
  answers[end % MAX_CONNECTIONS].socket = socket;
  answers[end++ % MAX_CONNECTIONS].due = now() + delay;
}

static void send_due_answers(void) {
  while (first != end && answers[first % MAX_CONNECTIONS].due <= now()) {
    int socket = answers[first++ % MAX_CONNECTIONS].socket;
    if (send(socket, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL) < 0) {
      perror("send");
    }
  }
}

static void set_timer(int timer) {
  struct itimerspec at;
  memset(&at, 0, sizeof at);
  if (first != end) {
    int64_t due = answers[first % MAX_CONNECTIONS].due;
    at.it_value.tv_sec = due / 1000000000;
    at.it_value.tv_nsec = due % 1000000000;
  }
  must(timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL) == 0, "timerfd_settime");
}

int main(int argc, char **argv) {
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  struct epoll_event events[EVENTS];
  int listener = socket(AF_INET, SOCK_STREAM, 0), poller = epoll_create1(0);
  int timer = timerfd_create(CLOCK_MONOTONIC, 0), one = 1;
  int64_t delay = argc > 1 ? atol(argv[1]) * 1000000LL : 0;

  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  must(bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 128) == 0 &&
           getsockname(listener, (struct sockaddr *)&address, &length) == 0,
       "cannot listen");
  watch(poller, listener);
  watch(poller, timer);
  watch(poller, STDIN_FILENO);
  printf("http://127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);

  for (;;) {
    int i, count = epoll_wait(poller, events, EVENTS, -1);
    for (i = 0; i < count; i++) {
      int ready = events[i].data.fd;
      if (ready == STDIN_FILENO) {
        return 0;
      } else if (ready == listener) {
        int client = accept(listener, NULL, NULL);
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        watch(poller, client);
      } else if (ready != timer) {
        receive(ready, delay);
      }
    }
    send_due_answers();
    set_timer(timer);
  }
}
