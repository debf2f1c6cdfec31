/* Checks the numbers of a file, 32 at a time, before a dialer calls them: one number a line.
 * Ctrl-C stops in the middle. Settings come from the environment, as for lookup.c.
 *
 *   cc dialer.c -ldiyalog -o dialer && ./dialer numbers.txt >free.txt
 *
 * Prints the numbers that may be called: the customers who are not in a chat. Progress and failures
 * go to stderr. The exit status is 0 if every number was checked.
 */

#include <diyalog.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IN_FLIGHT 32
#define LONGEST_LINE 64

struct progress {
  long submitted, checked, in_chat, failed;
};

/* A signal handler may only set a flag. */
static volatile sig_atomic_t stop;

static void on_interrupt(int number) {
  (void)number;
  stop = 1;
}

/* Prints why something failed and frees the error. */
static int failed(diyalog_error *error) {
  fprintf(stderr, "error %d: %s\n", (int)diyalog_error_code(error), diyalog_error_message(error));
  diyalog_error_free(error);
  return 1;
}

/* The rest of a long line must not be read as another number. */
static void skip_line(FILE *file) {
  int c;
  do {
    c = getc(file);
  } while (c != '\n' && c != EOF);
}

/* Queues the next number of the file. The tag is a copy of it, freed with its completion. Returns
 * 0 at the end of the file. */
static int submit_next(diyalog_queue *queue, FILE *numbers, struct progress *progress) {
  char line[LONGEST_LINE + 2];
  char *number;
  diyalog_error *error = NULL;

  if (fgets(line, sizeof line, numbers) == NULL) {
    return 0;
  }
  if (strchr(line, '\n') == NULL && !feof(numbers)) {
    fprintf(stderr, "a line is longer than %d bytes: %s...\n", LONGEST_LINE, line);
    progress->failed++;
    skip_line(numbers);
    return 1;
  }
  line[strcspn(line, "\r\n")] = '\0';
  if (line[0] == '\0') {
    return 1;
  }
  number = malloc(strlen(line) + 1);
  if (number == NULL) {
    return 0;
  }
  strcpy(number, line);
  progress->submitted++;
  if (diyalog_queue_submit(queue, number, NULL, number, &error) != DIYALOG_OK) {
    fprintf(stderr, "%s: ", number);
    progress->failed += failed(error);
    free(number);
  }
  return 1;
}

static void take(const diyalog_completion *completion, struct progress *progress) {
  char *number = diyalog_completion_tag(completion);
  const diyalog_help_status *status = diyalog_completion_status(completion);

  if (status == NULL) {
    progress->failed++;
    if (diyalog_completion_code(completion) != DIYALOG_ERROR_CANCELLED) {
      fprintf(stderr, "%s: %s\n", number,
              diyalog_error_message(diyalog_completion_error(completion)));
    }
  } else if (status->is_in_help) {
    progress->in_chat++;
  } else {
    puts(number);
  }
  progress->checked++;
  free(number);
}

static void print_progress(const struct progress *progress, const char *end) {
  fprintf(stderr, "\r%ld checked, %ld in a chat, %ld failed%s", progress->checked,
          progress->in_chat, progress->failed, end);
}

/* Keeps twice as many submitted as are in flight, so that a file of any size fits into memory. */
static void check_all(diyalog_queue *queue, FILE *numbers, struct progress *progress) {
  diyalog_completion *completion;
  int more = 1;

  while (more || diyalog_queue_pending(queue) > 0) {
    while (more && !stop && diyalog_queue_pending(queue) < 2 * IN_FLIGHT) {
      more = submit_next(queue, numbers, progress);
    }
    if (stop) {
      more = 0;
      /* Submitted calls still complete, as cancelled: their tags have to be freed. */
      diyalog_queue_cancel(queue);
    }
    completion = diyalog_queue_next(queue, 100);
    if (completion != NULL) {
      take(completion, progress);
      diyalog_completion_free(completion);
    }
    if (completion == NULL || progress->checked % 100 == 0) {
      print_progress(progress, "");
    }
  }
  print_progress(progress, stop ? ", stopped\n" : "\n");
}

int main(int argc, char **argv) {
  diyalog_config *config = diyalog_config_new();
  diyalog_client *client = NULL;
  diyalog_queue *queue = NULL;
  diyalog_error *error = NULL;
  struct progress progress = {0, 0, 0, 0};
  FILE *numbers = argc == 2 ? fopen(argv[1], "r") : NULL;
  int result = 1;

  if (numbers == NULL) {
    fprintf(stderr, "usage: dialer NUMBERS-FILE\n");
  } else if (diyalog_config_load_env(config, &error) != DIYALOG_OK ||
             diyalog_client_new(config, &client, &error) != DIYALOG_OK ||
             diyalog_queue_new(client, IN_FLIGHT, &queue, &error) != DIYALOG_OK) {
    failed(error);
  } else {
    signal(SIGINT, on_interrupt);
    check_all(queue, numbers, &progress);
    result = stop || progress.failed > 0;
  }
  if (numbers != NULL) {
    fclose(numbers);
  }
  diyalog_queue_free(queue);
  diyalog_client_free(client);
  diyalog_config_free(config);
  return result;
}
