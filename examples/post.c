/* Sends JSON to an endpoint of the platform and prints the response. Settings come from the environment:
 * DIYALOG_ENDPOINT, DIYALOG_ACCESS_KEY_ID, DIYALOG_ACCESS_KEY_SECRET, DIYALOG_REQUESTER_USER_ID.
 *
 *   cc post.c -ldiyalog -o post
 *   ./post /v1/reporting/getcalllist '{"startDate": 1615248000000, "endDate": 1615334400000, "callType": "all"}'
 *
 * A call that only reads is repeatable: name it with -r, and it is retried like a lookup.
 */

#include <diyalog.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  diyalog_config *config = diyalog_config_new();
  diyalog_client *client = NULL;
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  diyalog_response response = DIYALOG_RESPONSE_INIT;
  diyalog_error *error = NULL;
  int result = 0;

  if (argc > 1 && strcmp(argv[1], "-r") == 0) {
    options.repeatable = 1;
    argc--;
    argv++;
  }
  if (argc != 3) {
    fprintf(stderr, "usage: post [-r] PATH JSON\n");
    result = 2;
  } else if (diyalog_config_load_env(config, &error) != DIYALOG_OK ||
             diyalog_client_new(config, &client, &error) != DIYALOG_OK ||
             diyalog_client_post(client, argv[1], argv[2], &options, &response, &error) != DIYALOG_OK) {
    fprintf(stderr, "error %d: %s\n", (int)diyalog_error_code(error), diyalog_error_message(error));
    result = 1;
  } else {
    puts(response.body);
  }
  diyalog_response_clear(&response);
  diyalog_error_free(error);
  diyalog_client_free(client);
  diyalog_config_free(config);
  return result;
}
