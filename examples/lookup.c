/* Looks up the customers named on the command line. Settings come from the environment:
 * DIYALOG_ENDPOINT, DIYALOG_ACCESS_KEY_ID, DIYALOG_ACCESS_KEY_SECRET, DIYALOG_REQUESTER_USER_ID.
 *
 *   cc lookup.c -ldiyalog -o lookup && ./lookup 70022
 */

#include <diyalog.h>
#include <stdio.h>

static void print_status(const char *customer_id, const diyalog_help_status *status) {
  if (status->error_code == 400) {
    printf("%s: no such customer\n", customer_id);
  } else if (!status->is_in_help) {
    printf("%s: not in help\n", customer_id);
  } else {
    printf("%s: in help, %s, with agent %s\n", customer_id,
           status->help_type_text ? status->help_type_text : "of no kind",
           status->staff_id ? status->staff_id : "unknown");
  }
}

/* Prints why something failed and frees the error. */
static int failed(diyalog_error *error) {
  fprintf(stderr, "error %d: %s\n", (int)diyalog_error_code(error), diyalog_error_message(error));
  diyalog_error_free(error);
  return 1;
}

static int look_up(const diyalog_client *client, const char *customer_id) {
  diyalog_error *error = NULL;
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;

  if (diyalog_client_is_customer_in_online_help(client, customer_id, NULL, &status, &error) !=
      DIYALOG_OK) {
    return failed(error);
  }
  print_status(customer_id, &status);
  diyalog_help_status_clear(&status);
  return 0;
}

int main(int argc, char **argv) {
  diyalog_config *config = diyalog_config_new();
  diyalog_client *client = NULL;
  diyalog_error *error = NULL;
  int result = 0;
  int i;

  if (diyalog_config_load_env(config, &error) != DIYALOG_OK ||
      diyalog_client_new(config, &client, &error) != DIYALOG_OK) {
    result = failed(error);
  }
  for (i = 1; client != NULL && i < argc; i++) {
    result |= look_up(client, argv[i]);
  }
  diyalog_client_free(client);
  diyalog_config_free(config);
  return result;
}
