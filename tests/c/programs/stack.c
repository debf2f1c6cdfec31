/* Checks that no call needs more stack than the header says: each one runs on a painted stack.
 *
 * Usage: stack KIB URL [CA-FILE]. KIB is the limit. */

#include <diyalog.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE (256 * 1024)
#define PAINT 0xa5

static const char *url;
static const char *ca_file;
static diyalog_client *client;

static void require(int32_t code, diyalog_error **error) {
  if (code != DIYALOG_OK) {
    fprintf(stderr, "error %d: %s\n", (int)code, diyalog_error_message(*error));
    exit(1);
  }
}

static void *create_client(void *unused) {
  diyalog_config *config = diyalog_config_new();
  diyalog_error *error = NULL;

  require(diyalog_config_set_endpoint(config, url, &error), &error);
  require(diyalog_config_set_credentials(config, "1234567-8ABC-DEF0-5432-56712ABCDEF5",
                                         "s3cr3t-access-key", &error),
          &error);
  require(diyalog_config_set_requester_user_id(config, "45186", &error), &error);
  if (ca_file != NULL) {
    require(diyalog_config_set_ca_file(config, ca_file, &error), &error);
  }
  require(diyalog_client_new(config, &client, &error), &error);
  diyalog_config_free(config);
  return unused;
}

static void *look_up(void *unused) {
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
  diyalog_error *error = NULL;

  require(diyalog_client_is_customer_in_online_help(client, "70022", NULL, &status, &error), &error);
  diyalog_help_status_clear(&status);
  return unused;
}

static size_t stack_of(void *(*call)(void *)) {
  unsigned char *stack = NULL;
  pthread_attr_t attributes;
  pthread_t thread;
  size_t untouched = 0;

  if (posix_memalign((void **)&stack, 4096, SIZE) != 0) {
    exit(1);
  }
  memset(stack, PAINT, SIZE);
  if (pthread_attr_init(&attributes) != 0 || pthread_attr_setstack(&attributes, stack, SIZE) != 0 ||
      pthread_create(&thread, &attributes, call, NULL) != 0 || pthread_join(thread, NULL) != 0) {
    exit(1);
  }
  while (untouched < SIZE && stack[untouched] == PAINT) {
    untouched++;
  }
  pthread_attr_destroy(&attributes);
  free(stack);
  return SIZE - untouched;
}

int main(int count, char **arguments) {
  size_t most = 0;
  size_t of_client, of_first, of_second;

  if (count < 3) {
    fprintf(stderr, "usage: stack KIB URL [CA-FILE]\n");
    return 2;
  }
  most = (size_t)atoi(arguments[1]) * 1024;
  url = arguments[2];
  ca_file = count > 3 ? arguments[3] : NULL;
  of_client = stack_of(create_client);
  of_first = stack_of(look_up);
  of_second = stack_of(look_up);
  diyalog_client_free(client);
  printf("stack: %u bytes for diyalog_client_new, %u for the first lookup, %u for the second\n",
         (unsigned)of_client, (unsigned)of_first, (unsigned)of_second);
  return of_client <= most && of_first <= most && of_second <= most ? 0 : 1;
}
