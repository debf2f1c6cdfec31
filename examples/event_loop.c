/* A program with an event loop of its own, on Linux: looks up each customer id that is typed, while
 * the prompt stays usable. poll() waits for the keyboard and for the queue. Settings come from the
 * environment, as for lookup.c.
 *
 *   cc event_loop.c -ldiyalog -o event_loop && ./event_loop
 */

#include <diyalog.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define IN_FLIGHT 8

/* Prints why something failed and frees the error. */
static int failed(diyalog_error *error) {
  fprintf(stderr, "error %d: %s\n", (int)diyalog_error_code(error), diyalog_error_message(error));
  diyalog_error_free(error);
  return 1;
}

/* Reads one line. Returns 0 at the end of the input. */
static int on_keyboard(diyalog_queue *queue) {
  char line[256];
  diyalog_error *error = NULL;
  char *customer_id;

  if (fgets(line, sizeof line, stdin) == NULL) {
    return 0;
  }
  line[strcspn(line, "\n")] = '\0';
  customer_id = strdup(line);
  if (diyalog_queue_submit(queue, line, NULL, customer_id, &error) != DIYALOG_OK) {
    failed(error);
    free(customer_id);
  }
  return 1;
}

static void on_wake(diyalog_queue *queue, int wake) {
  uint64_t count;
  diyalog_completion *completion;

  if (read(wake, &count, sizeof count) < 0) {
    return; /* emptied already */
  }
  while ((completion = diyalog_queue_next(queue, 0)) != NULL) {
    const diyalog_help_status *status = diyalog_completion_status(completion);
    char *customer_id = diyalog_completion_tag(completion);
    if (status == NULL) {
      printf("%s: %s\n", customer_id, diyalog_error_message(diyalog_completion_error(completion)));
    } else if (status->is_in_help) {
      printf("%s: in help, with agent %s\n", customer_id,
             status->staff_id ? status->staff_id : "unknown");
    } else {
      printf("%s: not in help\n", customer_id);
    }
    free(customer_id);
    diyalog_completion_free(completion);
  }
}

static void run(diyalog_queue *queue, int wake) {
  struct pollfd events[2] = {{STDIN_FILENO, POLLIN, 0}, {-1, POLLIN, 0}};

  events[1].fd = wake;
  while (events[0].fd >= 0 || diyalog_queue_pending(queue) > 0) {
    if (poll(events, 2, -1) < 0) {
      continue; /* a signal */
    }
    if (events[0].revents && !on_keyboard(queue)) {
      events[0].fd = -1;
    }
    if (events[1].revents) {
      on_wake(queue, wake);
    }
  }
}

int main(void) {
  diyalog_config *config = diyalog_config_new();
  diyalog_client *client = NULL;
  diyalog_queue *queue = NULL;
  diyalog_error *error = NULL;
  int wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  int result = 0;

  /* poll does not see what stdio has read ahead. */
  setvbuf(stdin, NULL, _IONBF, 0);
  if (diyalog_config_load_env(config, &error) != DIYALOG_OK ||
      diyalog_client_new(config, &client, &error) != DIYALOG_OK ||
      diyalog_queue_new(client, IN_FLIGHT, &queue, &error) != DIYALOG_OK ||
      diyalog_queue_set_wake_fd(queue, wake, &error) != DIYALOG_OK) {
    result = failed(error);
  } else {
    run(queue, wake);
  }
  diyalog_queue_free(queue);
  close(wake); /* after the queue, which writes to it */
  diyalog_client_free(client);
  diyalog_config_free(config);
  return result;
}
