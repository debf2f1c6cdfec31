/* One client on 16 threads: each lookup returns its own response. */

#include "test.h"

#include <pthread.h>
#include <string.h>

#define THREADS 16
#define LOOKUPS 20

struct worker {
  pthread_t thread;
  const diyalog_client *client;
  const char *customer_id;
  const char *staff_id;
  int right;
};

/* Checks are counted on one thread only; each worker counts its own failures. */
static void *look_up(void *argument) {
  struct worker *worker = argument;
  int i;

  for (i = 0; i < LOOKUPS; i++) {
    diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
    int32_t code = diyalog_client_is_customer_in_online_help(worker->client, worker->customer_id,
                                                             NULL, &status, NULL);
    worker->right += code == DIYALOG_OK && strcmp(status.staff_id, worker->staff_id) == 0;
    diyalog_help_status_clear(&status);
  }
  return NULL;
}

void test_threads(void) {
  diyalog_client *client = sandbox_client();
  struct worker workers[THREADS];
  int i;

  for (i = 0; i < THREADS; i++) {
    workers[i].client = client;
    workers[i].customer_id = i % 2 == 0 ? "70022" : "70023";
    workers[i].staff_id = i % 2 == 0 ? "45001" : "45002";
    workers[i].right = 0;
    CHECK(pthread_create(&workers[i].thread, NULL, look_up, &workers[i]) == 0);
  }
  for (i = 0; i < THREADS; i++) {
    CHECK(pthread_join(workers[i].thread, NULL) == 0);
    CHECK_NUMBER(workers[i].right, LOOKUPS);
  }
  diyalog_client_free(client);
}
