/* A Windows program that stays responsive while it looks customers up: the queue posts a message to
 * the window whenever there are completions. Settings come from the environment, as for lookup.c.
 *
 *   cl window.c diyalog.lib user32.lib
 *   x86_64-w64-mingw32-gcc window.c -ldiyalog -o window.exe
 *
 *   window 70022 70023
 *
 * To keep the example short, its window is message-only. A visible window uses the queue in the same
 * way.
 */

#include <diyalog.h>
#include <stdio.h>
#include <windows.h>

#define IN_FLIGHT 8
/* The program's own message: there are completions. */
#define WM_COMPLETIONS (WM_APP + 1)

static diyalog_queue *queue;

/* Runs on a thread of the library. PostMessage only; SendMessage would wait for the window. */
static void DIYALOG_CALL wake(void *window) { PostMessageW((HWND)window, WM_COMPLETIONS, 0, 0); }

static void show_completions(void) {
  diyalog_completion *completion;

  while ((completion = diyalog_queue_next(queue, 0)) != NULL) {
    const diyalog_help_status *status = diyalog_completion_status(completion);
    const char *customer_id = diyalog_completion_tag(completion);
    if (status == NULL) {
      printf("%s: %s\n", customer_id, diyalog_error_message(diyalog_completion_error(completion)));
    } else {
      printf("%s: %s\n", customer_id, status->is_in_help ? "in help" : "not in help");
    }
    diyalog_completion_free(completion);
  }
}

static LRESULT CALLBACK on_message(HWND window, UINT message, WPARAM wide, LPARAM parameter) {
  if (message == WM_COMPLETIONS) {
    show_completions();
    if (diyalog_queue_pending(queue) == 0) {
      PostQuitMessage(0);
    }
    return 0;
  }
  return DefWindowProcW(window, message, wide, parameter);
}

static HWND create_window(void) {
  WNDCLASSW class = {0};

  class.lpfnWndProc = on_message;
  class.hInstance = GetModuleHandleW(NULL);
  class.lpszClassName = L"customers";
  RegisterClassW(&class);
  return CreateWindowW(class.lpszClassName, L"Customers", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL,
                       class.hInstance, NULL);
}

/* Prints why something failed and frees the error. */
static int failed(diyalog_error *error) {
  fprintf(stderr, "error %d: %s\n", (int)diyalog_error_code(error), diyalog_error_message(error));
  diyalog_error_free(error);
  return 1;
}

int main(int argc, char **argv) {
  diyalog_config *config = diyalog_config_new();
  diyalog_client *client = NULL;
  diyalog_error *error = NULL;
  HWND window = create_window();
  MSG message;
  int i, result = 0, submitted = 0;

  if (diyalog_config_load_env(config, &error) != DIYALOG_OK ||
      diyalog_client_new(config, &client, &error) != DIYALOG_OK ||
      diyalog_queue_new(client, IN_FLIGHT, &queue, &error) != DIYALOG_OK ||
      diyalog_queue_set_wake_callback(queue, wake, window, &error) != DIYALOG_OK) {
    result = failed(error);
  }
  for (i = 1; result == 0 && i < argc; i++) {
    if (diyalog_queue_submit(queue, argv[i], NULL, argv[i], &error) == DIYALOG_OK) {
      submitted++;
    } else {
      failed(error);
    }
  }
  while (submitted > 0 && GetMessageW(&message, NULL, 0, 0) > 0) {
    DispatchMessageW(&message);
  }
  /* First the queue, then the window that it posts to. */
  diyalog_queue_free(queue);
  DestroyWindow(window);
  diyalog_client_free(client);
  diyalog_config_free(config);
  return result;
}
