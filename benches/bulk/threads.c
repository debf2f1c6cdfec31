/* The same lookups by blocking calls on as many threads. */

#include "bulk.h"
#include "client.h"

#include <pthread.h>
#include <stdatomic.h>

static diyalog_client *client;
static atomic_long left, answered;

static void *look_up(void *argument) {
  while (atomic_fetch_sub(&left, 1) > 0) {
    diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
    diyalog_error *error = NULL;
    must(diyalog_client_is_customer_in_online_help(client, "70022", NULL, &status, &error), &error);
    atomic_fetch_add(&answered, status.is_in_help);
    diyalog_help_status_clear(&status);
  }
  return argument;
}

int main(int argc, char **argv) {
  struct run run = start(argc, argv);
  pthread_t *threads = malloc((size_t)run.in_flight * sizeof *threads);
  long i;

  client = client_of(run.url, run.in_flight);
  atomic_store(&left, run.lookups);
  if (run.in_flight == 1) {
    look_up(NULL);
  } else {
    for (i = 0; i < run.in_flight; i++) {
      if (pthread_create(&threads[i], NULL, look_up, NULL) != 0) {
        perror("cannot start a thread");
        return 1;
      }
    }
    for (i = 0; i < run.in_flight; i++) {
      pthread_join(threads[i], NULL);
    }
  }
  report(&run, atomic_load(&answered));
  diyalog_client_free(client);
  free(threads);
  return 0;
}
