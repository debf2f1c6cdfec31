/* The lookup with this library, through its C interface. */

#include "peer.h"

#include <diyalog.h>
#include <stdio.h>
#include <stdlib.h>

const int peer_is_shared = 1;

struct peer {
  diyalog_client *client;
};

/* A pointer to the error: the error itself could be evaluated before the call that sets it. */
static void must(int32_t code, diyalog_error *const *error) {
  if (code != DIYALOG_OK) {
    fprintf(stderr, "error %d: %s\n", (int)code, diyalog_error_message(*error));
    exit(1);
  }
}

peer *peer_open(const char *url, const char *ca_file) {
  peer *opened = malloc(sizeof *opened);
  diyalog_config *config = diyalog_config_new();
  diyalog_error *error = NULL;

  must(diyalog_config_set_endpoint(config, url, &error), &error);
  must(diyalog_config_set_credentials(config, ACCESS_KEY_ID, ACCESS_KEY_SECRET, &error), &error);
  must(diyalog_config_set_requester_user_id(config, REQUESTER_USER_ID, &error), &error);
  must(diyalog_config_set_timeout_ms(config, TIMEOUT_MS, &error), &error);
  if (ca_file != NULL) {
    must(diyalog_config_set_ca_file(config, ca_file, &error), &error);
    must(diyalog_config_set_system_trust(config, 0, &error), &error);
  }
  must(diyalog_client_new(config, &opened->client, &error), &error);
  diyalog_config_free(config);
  return opened;
}

int peer_look_up(peer *with, const char *customer_id, peer_answer *answer) {
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
  diyalog_error *error = NULL;

  must(diyalog_client_is_customer_in_online_help(with->client, customer_id, NULL, &status, &error),
       &error);
  answer->is_in_help = status.is_in_help;
  snprintf(answer->help_type, sizeof answer->help_type, "%s",
           status.help_type == DIYALOG_HELP_TYPE_INBOUND ? "inbound" : "outbound");
  snprintf(answer->staff_id, sizeof answer->staff_id, "%s", status.staff_id ? status.staff_id : "");
  diyalog_help_status_clear(&status);
  return 1;
}

void peer_close(peer *used) {
  diyalog_client_free(used->client);
  free(used);
}
