/* A program compiled with the header of 0.1 works with today's library: structs that have grown since
 * are accepted in their old size and not overrun.
 *
 * Usage: header-0.1 SANDBOX-URL */

#include "../../abi/diyalog-0.1.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The bytes after a struct of 0.1 in the memory of such a program. */
struct options_and_more {
  diyalog_call_options options;
  unsigned char more[64];
};
struct status_and_more {
  diyalog_help_status status;
  unsigned char more[64];
};

static void require(int holds, const char *what) {
  if (!holds) {
    fprintf(stderr, "not so: %s\n", what);
    exit(1);
  }
}

static void succeeds(int32_t code, diyalog_error *const *error) {
  if (code != DIYALOG_OK) {
    fprintf(stderr, "error %d: %s\n", (int)code, diyalog_error_message(*error));
    exit(1);
  }
}

static diyalog_client *create_client(const char *url) {
  diyalog_config *config = diyalog_config_new();
  diyalog_client *client = NULL;
  diyalog_error *error = NULL;

  succeeds(diyalog_config_set_endpoint(config, url, &error), &error);
  succeeds(diyalog_config_set_credentials(config, "1234567-8ABC-DEF0-5432-56712ABCDEF5",
                                          "s3cr3t-access-key", &error),
           &error);
  succeeds(diyalog_client_new(config, &client, &error), &error);
  diyalog_config_free(config);
  return client;
}

int main(int count, char **arguments) {
  struct options_and_more options = {DIYALOG_CALL_OPTIONS_INIT, {0}};
  struct status_and_more status = {DIYALOG_HELP_STATUS_INIT, {0}};
  unsigned char untouched[64];
  diyalog_client *client;
  diyalog_error *error = NULL;
  int32_t code;

  require(count == 2, "the argument is the sandbox's address");
  /* As pointers or flags these bytes would crash or change the call. */
  memset(untouched, 0xa5, sizeof untouched);
  memcpy(options.more, untouched, sizeof untouched);
  memcpy(status.more, untouched, sizeof untouched);
  client = create_client(arguments[1]);

  options.options.requester_user_id = "45186";
  options.options.timeout_ms = 20000;
  succeeds(diyalog_client_is_customer_in_online_help(client, "70022", &options.options,
                                                     &status.status, &error),
           &error);
  require(status.status.struct_size == sizeof status.status, "the size is as it was");
  require(status.status.is_in_help == 1, "the customer is in help");
  require(status.status.help_type == DIYALOG_HELP_TYPE_INBOUND, "the customer called");
  require(strcmp(status.status.staff_id, "45001") == 0, "the staff is 45001");
  diyalog_help_status_clear(&status.status);
  require(status.status.staff_id == NULL, "the strings are freed");

  options.options.requester_user_id = "";
  code = diyalog_client_is_customer_in_online_help(client, "70022", &options.options,
                                                   &status.status, &error);
  require(code == DIYALOG_ERROR_INVALID_ARGUMENT, "an empty requester is rejected");
  require(diyalog_error_code(error) == code, "its error has the code");
  diyalog_error_free(error);

  require(memcmp(options.more, untouched, sizeof untouched) == 0, "nothing behind the options changes");
  require(memcmp(status.more, untouched, sizeof untouched) == 0, "nothing behind the status changes");
  diyalog_client_free(client);
  printf("a program compiled with the header of %s works with %s\n", DIYALOG_VERSION, diyalog_version());
  return 0;
}
