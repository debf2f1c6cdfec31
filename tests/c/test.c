#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(_WIN32)
#include <winsock2.h>
typedef SOCKET connection_type;
#define close closesocket
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
typedef int connection_type;
#endif

static int passed;
static int failed;

void check(int holds, const char *what, const char *file, int line) {
  if (holds) {
    passed++;
  } else {
    failed++;
    printf("%s:%d: not so: %s\n", file, line, what);
  }
}

void check_number(long long found, long long expected, const char *what, const char *file,
                  int line) {
  check(found == expected, what, file, line);
  if (found != expected) {
    printf("  found %lld, expected %lld\n", found, expected);
  }
}

void check_text(const char *found, const char *expected, const char *what, const char *file,
                int line) {
  int same = found == NULL || expected == NULL ? found == expected : strcmp(found, expected) == 0;
  check(same, what, file, line);
  if (!same) {
    printf("  found \"%s\", expected \"%s\"\n", found ? found : "(NULL)",
           expected ? expected : "(NULL)");
  }
}

void check_contains(const char *found, const char *part, const char *what, const char *file,
                    int line) {
  int contains = found != NULL && strstr(found, part) != NULL;
  check(contains, what, file, line);
  if (!contains) {
    printf("  found \"%s\", expected it to hold \"%s\"\n", found ? found : "(NULL)", part);
  }
}

void check_failed(int32_t code, int32_t expected, diyalog_error *error, const char *part,
                  const char *file, int line) {
  const char *argument = diyalog_error_argument(error);
  int names_one =
      expected == DIYALOG_ERROR_INVALID_ARGUMENT || expected == DIYALOG_ERROR_INVALID_CONFIG;

  check_number(code, expected, "code returned", file, line);
  check(error != NULL, "error is set", file, line);
  check_number(diyalog_error_code(error), expected, "code of error", file, line);
  check_contains(diyalog_error_message(error), part, "message", file, line);
  check(strstr(diyalog_error_message(error), SECRET) == NULL, "no secret", file, line);
  check((argument != NULL) == names_one, "codes 1 and 2 alone name an argument", file, line);
  if (argument != NULL) {
    check(strncmp(diyalog_error_message(error), argument, strlen(argument)) == 0,
          "the message begins with the argument", file, line);
  }
  diyalog_error_free(error);
}

void check_succeeded(int32_t code, diyalog_error *error, const char *what, const char *file,
                     int line) {
  check(code == DIYALOG_OK && error == NULL, what, file, line);
  if (code != DIYALOG_OK) {
    printf("  error %d: %s\n", (int)code, diyalog_error_message(error));
  }
  diyalog_error_free(error);
}

const char *sandbox_url(void) {
  const char *url = getenv("DIYALOG_SANDBOX_URL");
  if (url == NULL) {
    fprintf(stderr, "DIYALOG_SANDBOX_URL is not set; run tests/c/run.sh\n");
    exit(2);
  }
  return url;
}

diyalog_config *sandbox_config(void) {
  diyalog_config *config = diyalog_config_new();
  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, sandbox_url(), &error));
  CHECK_SUCCEEDED(diyalog_config_set_credentials(config, KEY_ID, SECRET, &error));
  CHECK_SUCCEEDED(diyalog_config_set_requester_user_id(config, "45186", &error));
  CHECK_SUCCEEDED(diyalog_config_set_max_retries(config, 0, &error));
  return config;
}

diyalog_client *client_of(diyalog_config *config) {
  diyalog_client *client = NULL;
  CHECK_SUCCEEDED(diyalog_client_new(config, &client, &error));
  diyalog_config_free(config);
  return client;
}

diyalog_client *sandbox_client(void) { return client_of(sandbox_config()); }

void set_variable(const char *name, const char *value) {
#if defined(_WIN32)
  CHECK(_putenv_s(name, value) == 0);
#else
  CHECK(setenv(name, value, 1) == 0);
#endif
}

static connection_type connect_to_sandbox(void) {
  struct sockaddr_in address;
  connection_type connection = socket(AF_INET, SOCK_STREAM, 0);

  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons((unsigned short)atoi(strrchr(sandbox_url(), ':') + 1));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(connect(connection, (struct sockaddr *)&address, sizeof address) == 0);
  return connection;
}

void exchange(const char *method, const char *path, const char *headers, const char *json,
              char *response, size_t size) {
  char request[4096];
  size_t received = 0;
  int more;
  connection_type connection = connect_to_sandbox();
  int length = snprintf(request, sizeof request,
                        "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s"
                        "Content-Type: application/json\r\nContent-Length: %u\r\n\r\n%s",
                        method, path, strstr(sandbox_url(), "//") + 2, headers,
                        (unsigned)strlen(json), json);

  CHECK(send(connection, request, length, 0) == length);
  while ((more = (int)recv(connection, response + received, (int)(size - 1 - received), 0)) > 0) {
    received += (size_t)more;
  }
  response[received] = '\0';
  close(connection);
}

void control(const char *method, const char *path, const char *json) {
  char response[4096];

  exchange(method, path, "", json ? json : "", response, sizeof response);
  CHECK_CONTAINS(response, "HTTP/1.1 20");
}

void answer_next(int status, const char *body) {
  char fault[2048];
  snprintf(fault, sizeof fault, "{\"kind\":\"answer\",\"status\":%d,\"body\":\"%s\"}", status, body);
  control("POST", "/sandbox/faults", fault);
}

int main(void) {
#if defined(_WIN32)
  WSADATA winsock;
  CHECK(WSAStartup(MAKEWORD(2, 2), &winsock) == 0);
#endif
  test_lookups();
  test_errors();
  test_arguments();
  test_settings();
  test_effects();
  test_structs();
  test_threads();
  test_hostile();
  test_cancellation();
  test_queue();
  test_post();
  test_sign();
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
