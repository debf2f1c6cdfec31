/* Responds to every request with the documented 200, as cheaply as possible, and counts requests.
 *
 *   server [CERTIFICATE-FILE KEY-FILE]     with both: TLS
 *
 * Its first line is its URL on loopback. When standard input ends, it prints the numbers of requests
 * and connections, and stops. It parses requests only to find their end; the sandbox checks that the
 * clients sign correctly.
 */

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* The headers are those of an Akka HTTP server. */
static const char ANSWER[] = "HTTP/1.1 200 OK\r\n"
                             "Server: akka-http/10.2.10\r\n"
                             "Date: Tue, 09 Mar 2021 13:28:32 GMT\r\n"
                             "Content-Type: application/json\r\n"
                             "Content-Length: 61\r\n"
                             "\r\n"
                             "{\"isInHelp\": true, \"helpType\": \"inbound\", "
                             "\"staffId\": \"45001\"}";

enum { ANSWER_LENGTH = sizeof ANSWER - 1, MAX_REQUEST = 16 * 1024 };

static atomic_long requests, connections;
static SSL_CTX *tls_context;

typedef struct {
  int socket;
  SSL *tls; /* NULL: plain HTTP */
} connection;

static ssize_t receive(connection *from, char *buffer, size_t size) {
  return from->tls ? SSL_read(from->tls, buffer, (int)size) : read(from->socket, buffer, size);
}

static ssize_t send_answer(connection *to) {
  return to->tls ? SSL_write(to->tls, ANSWER, ANSWER_LENGTH)
                 : write(to->socket, ANSWER, ANSWER_LENGTH);
}

/* The length of the request that the text begins with; 0 if its header is not yet complete. */
static size_t request_length(const char *text) {
  const char *head_end = strstr(text, "\r\n\r\n");
  const char *length;

  if (head_end == NULL) {
    return 0;
  }
  length = strcasestr(text, "\r\ncontent-length:");
  return (size_t)(head_end + 4 - text) +
         (length ? strtoul(length + sizeof "\r\ncontent-length:" - 1, NULL, 10) : 0);
}

/* Reads one request. Clients send the next one after they received the response. */
static int receive_request(connection *from) {
  char text[MAX_REQUEST + 1];
  size_t have = 0, wanted = 0;

  while (wanted == 0 || have < wanted) {
    ssize_t received = receive(from, text + have, MAX_REQUEST - have);
    if (received <= 0) {
      return 0;
    }
    have += (size_t)received;
    text[have] = '\0';
    if (wanted == 0) {
      wanted = request_length(text);
    }
  }
  return 1;
}

static int shake_hands(connection *with) {
  if (tls_context == NULL) {
    return 1;
  }
  with->tls = SSL_new(tls_context);
  return SSL_set_fd(with->tls, with->socket) == 1 && SSL_accept(with->tls) == 1;
}

static void *serve(void *argument) {
  connection client = {(int)(intptr_t)argument, NULL};

  if (shake_hands(&client)) {
    while (receive_request(&client) && send_answer(&client) == ANSWER_LENGTH) {
      atomic_fetch_add(&requests, 1);
    }
  }
  SSL_free(client.tls);
  close(client.socket);
  return NULL;
}

static void *accept_clients(void *argument) {
  int listener = *(int *)argument, one = 1;
  int client;
  pthread_t thread;

  while ((client = accept(listener, NULL, NULL)) >= 0) {
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    atomic_fetch_add(&connections, 1);
    if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)client) == 0) {
      pthread_detach(thread);
    } else {
      close(client);
    }
  }
  return NULL;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* Listens on a loopback port that the system chooses. */
static int listen_on_loopback(struct sockaddr_in *address) {
  socklen_t length = sizeof *address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);

  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (listener < 0 || bind(listener, (struct sockaddr *)address, length) != 0 ||
      listen(listener, 64) != 0 ||
      getsockname(listener, (struct sockaddr *)address, &length) != 0) {
    fail("cannot listen");
  }
  return listener;
}

static void prepare_tls(const char *certificate_file, const char *key_file) {
  tls_context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(tls_context, certificate_file) != 1 ||
      SSL_CTX_use_PrivateKey_file(tls_context, key_file, SSL_FILETYPE_PEM) != 1) {
    fail("cannot use the certificate");
  }
}

static void wait_for_end_of_input(void) {
  while (getchar() != EOF) {
  }
}

int main(int argc, char **argv) {
  struct sockaddr_in address;
  int listener;
  pthread_t acceptor;

  signal(SIGPIPE, SIG_IGN);
  if (argc == 3) {
    prepare_tls(argv[1], argv[2]);
  }
  listener = listen_on_loopback(&address);
  if (pthread_create(&acceptor, NULL, accept_clients, &listener) != 0) {
    fail("cannot start a thread");
  }
  printf("%s://127.0.0.1:%d\n", tls_context ? "https" : "http", ntohs(address.sin_port));
  fflush(stdout);

  wait_for_end_of_input();
  printf("requests %ld connections %ld\n", atomic_load(&requests), atomic_load(&connections));
  return 0;
}
