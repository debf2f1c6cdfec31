/* A client of this library for the bulk comparison. */

#ifndef CLIENT_H
#define CLIENT_H

#include "../peer.h"

#include <diyalog.h>
#include <stdio.h>
#include <stdlib.h>

/* A pointer to the error, which is set only when the call has returned. */
static void must(int32_t code, diyalog_error *const *error) {
  if (code != DIYALOG_OK) {
    fprintf(stderr, "error %d: %s\n", (int)code, diyalog_error_message(*error));
    exit(1);
  }
}

static diyalog_client *client_of(const char *url, long in_flight) {
  diyalog_config *config = diyalog_config_new();
  diyalog_client *client = NULL;
  diyalog_error *error = NULL;

  must(diyalog_config_set_endpoint(config, url, &error), &error);
  must(diyalog_config_set_credentials(config, ACCESS_KEY_ID, ACCESS_KEY_SECRET, &error), &error);
  must(diyalog_config_set_requester_user_id(config, REQUESTER_USER_ID, &error), &error);
  must(diyalog_config_set_timeout_ms(config, TIMEOUT_MS, &error), &error);
  /* With fewer idle connections than calls in flight, some calls would open new ones. */
  must(diyalog_config_set_max_idle_connections(config, (uint32_t)in_flight, &error), &error);
  must(diyalog_client_new(config, &client, &error), &error);
  diyalog_config_free(config);
  return client;
}

#endif
