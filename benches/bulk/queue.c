/* Many lookups through diyalog_queue. */

#include "bulk.h"
#include "client.h"

int main(int argc, char **argv) {
  struct run run = start(argc, argv);
  diyalog_client *client = client_of(run.url, run.in_flight);
  diyalog_queue *queue = NULL;
  diyalog_error *error = NULL;
  diyalog_completion *completion;
  long answered = 0, i;

  must(diyalog_queue_new(client, (uint32_t)run.in_flight, &queue, &error), &error);
  for (i = 0; i < run.lookups; i++) {
    must(diyalog_queue_submit(queue, "70022", NULL, NULL, &error), &error);
  }
  while ((completion = diyalog_queue_next(queue, DIYALOG_WAIT_FOREVER)) != NULL) {
    const diyalog_help_status *status = diyalog_completion_status(completion);
    answered += status != NULL && status->is_in_help;
    diyalog_completion_free(completion);
  }
  report(&run, answered);
  diyalog_queue_free(queue);
  diyalog_client_free(client);
  return 0;
}
