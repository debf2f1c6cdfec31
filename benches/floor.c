/* The practical floor: one socket, one send and one receive, no allocation, and a response that is
 * searched, not parsed. It shows the least cost of a lookup. It is not a client: it handles neither
 * errors nor chunks, closed connections nor TLS. */

/* OpenSSL 3 deprecates the low-level SHA functions, but only these do not allocate. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "peer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 2048, SHA256_BLOCK = 64 };

const int peer_is_shared = 0;

struct peer {
  int socket;
  SHA256_CTX inner, outer; /* the two hashes of HMAC, after the key */
  time_t date_of;
  char date[64];
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void take_in_key(SHA256_CTX *hash, unsigned char pad) {
  unsigned char block[SHA256_BLOCK];
  size_t i;

  memset(block, pad, sizeof block);
  for (i = 0; i < sizeof ACCESS_KEY_SECRET - 1; i++) {
    block[i] ^= (unsigned char)ACCESS_KEY_SECRET[i];
  }
  SHA256_Init(hash);
  SHA256_Update(hash, block, sizeof block);
}

static void sign(const peer *with, const char *text, size_t length, char *signature) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256_CTX hash = with->inner;

  SHA256_Update(&hash, text, length);
  SHA256_Final(digest, &hash);
  hash = with->outer;
  SHA256_Update(&hash, digest, sizeof digest);
  SHA256_Final(digest, &hash);
  EVP_EncodeBlock((unsigned char *)signature, digest, sizeof digest);
}

static void connect_to(peer *opened, int port) {
  struct sockaddr_in address = {0};
  struct timeval timeout = {TIMEOUT_MS / 1000, 0};
  int one = 1;

  address.sin_family = AF_INET;
  address.sin_port = htons((unsigned short)port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  opened->socket = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(opened->socket, (struct sockaddr *)&address, sizeof address) != 0) {
    fail("cannot connect");
  }
  setsockopt(opened->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(opened->socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(opened->socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
}

peer *peer_open(const char *url, const char *ca_file) {
  peer *opened = calloc(1, sizeof *opened);
  int port;

  if (ca_file != NULL || sscanf(url, "http://127.0.0.1:%d", &port) != 1) {
    fprintf(stderr, "the floor has no TLS\n");
    exit(1);
  }
  take_in_key(&opened->inner, 0x36);
  take_in_key(&opened->outer, 0x5c);
  connect_to(opened, port);
  return opened;
}

/* Formatted once a second. */
static const char *date(peer *with) {
  time_t now = time(NULL);
  struct tm utc;

  if (now != with->date_of) {
    strftime(with->date, sizeof with->date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &utc));
    with->date_of = now;
  }
  return with->date;
}

static size_t write_request(peer *with, const char *customer_id, char *request) {
  char body[128], text[512], signature[64];
  int body_length = snprintf(body, sizeof body, "{\"customerId\":\"%s\"}", customer_id);
  int text_length = snprintf(text, sizeof text, "POST\napplication/json\n%s\n%s\n%s", date(with),
                             body, LOOKUP_PATH);

  sign(with, text, (size_t)text_length, signature);
  return (size_t)snprintf(request, BUFFER,
                          "POST " LOOKUP_PATH " HTTP/1.1\r\n"
                          "Host: 127.0.0.1\r\n"
                          "Content-Type: application/json\r\n"
                          "Content-Length: %d\r\n"
                          "x-dlg-date: %s\r\n"
                          "x-dlg-requester-userid: " REQUESTER_USER_ID "\r\n"
                          "x-dlg-authorization: DLGA " ACCESS_KEY_ID ":%s\r\n"
                          "\r\n%s",
                          body_length, with->date, signature, body);
}

/* What follows the key and its colon; NULL where there is no such key. */
static const char *find_value(const char *json, const char *key) {
  const char *found = strstr(json, key);

  return found ? found + strlen(key) + strspn(found + strlen(key), ": ") : NULL;
}

/* The text between the quotes that follow the key. */
static int find_text(const char *json, const char *key, char *text, size_t size) {
  const char *start = find_value(json, key), *end;

  if (start == NULL || *start != '"' || (end = strchr(++start, '"')) == NULL ||
      (size_t)(end - start) >= size) {
    return 0;
  }
  memcpy(text, start, (size_t)(end - start));
  text[end - start] = '\0';
  return 1;
}

static int read_answer(const char *json, peer_answer *answer) {
  const char *is_in_help = find_value(json, "\"isInHelp\"");

  answer->is_in_help = is_in_help != NULL && *is_in_help == 't';
  return is_in_help != NULL &&
         find_text(json, "\"helpType\"", answer->help_type, sizeof answer->help_type) &&
         find_text(json, "\"staffId\"", answer->staff_id, sizeof answer->staff_id);
}

int peer_look_up(peer *with, const char *customer_id, peer_answer *answer) {
  char buffer[BUFFER];
  size_t length = write_request(with, customer_id, buffer);
  ssize_t received;
  const char *json;

  if (send(with->socket, buffer, length, MSG_NOSIGNAL) != (ssize_t)length ||
      (received = recv(with->socket, buffer, sizeof buffer - 1, 0)) <= 0) {
    return 0;
  }
  buffer[received] = '\0';
  json = strstr(buffer, "\r\n\r\n");
  return strncmp(buffer, "HTTP/1.1 200", 12) == 0 && json != NULL && read_answer(json, answer);
}

void peer_close(peer *used) {
  close(used->socket);
  free(used);
}
