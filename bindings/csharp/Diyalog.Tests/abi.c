/* Prints the header's facts for AbiTests: each constant, struct size and offset as "NAME VALUE". */

#include <diyalog.h>
#include <stdio.h>

#define CONSTANT(name) printf(#name " %ld\n", (long)(name))
#define SIZE(type) printf(#type " %lu\n", (unsigned long)sizeof(type))
#define OFFSET(type, field) printf(#type "." #field " %lu\n", (unsigned long)offsetof(type, field))

int main(void) {
  CONSTANT(DIYALOG_DATE_ZONE_GMT);
  CONSTANT(DIYALOG_DATE_ZONE_NUMERIC);
  CONSTANT(DIYALOG_LOG_ERROR);
  CONSTANT(DIYALOG_LOG_WARN);
  CONSTANT(DIYALOG_LOG_INFO);
  CONSTANT(DIYALOG_LOG_DEBUG);
  CONSTANT(DIYALOG_HELP_TYPE_NONE);
  CONSTANT(DIYALOG_HELP_TYPE_INBOUND);
  CONSTANT(DIYALOG_HELP_TYPE_OUTBOUND);
  CONSTANT(DIYALOG_HELP_TYPE_OTHER);
  CONSTANT(DIYALOG_OK);
  CONSTANT(DIYALOG_ERROR_INVALID_ARGUMENT);
  CONSTANT(DIYALOG_ERROR_INVALID_CONFIG);
  CONSTANT(DIYALOG_ERROR_CANCELLED);
  CONSTANT(DIYALOG_ERROR_TIMEOUT);
  CONSTANT(DIYALOG_ERROR_RESOLVE);
  CONSTANT(DIYALOG_ERROR_CONNECT);
  CONSTANT(DIYALOG_ERROR_TLS);
  CONSTANT(DIYALOG_ERROR_PROXY);
  CONSTANT(DIYALOG_ERROR_CONNECTION_LOST);
  CONSTANT(DIYALOG_ERROR_HEADERS_MISSING);
  CONSTANT(DIYALOG_ERROR_AUTHORIZATION_FORMAT);
  CONSTANT(DIYALOG_ERROR_DATE_FORMAT);
  CONSTANT(DIYALOG_ERROR_UNAUTHORIZED);
  CONSTANT(DIYALOG_ERROR_CLOCK_SKEW);
  CONSTANT(DIYALOG_ERROR_SERVER);
  CONSTANT(DIYALOG_ERROR_HTTP_STATUS);
  CONSTANT(DIYALOG_ERROR_INVALID_RESPONSE);
  CONSTANT(DIYALOG_ERROR_INTERNAL);

  SIZE(diyalog_call_options);
  OFFSET(diyalog_call_options, struct_size);
  OFFSET(diyalog_call_options, timeout_ms);
  OFFSET(diyalog_call_options, requester_user_id);
  OFFSET(diyalog_call_options, cancellation);
  OFFSET(diyalog_call_options, interrupt);
  OFFSET(diyalog_call_options, interrupt_data);
  OFFSET(diyalog_call_options, repeatable);
  OFFSET(diyalog_call_options, log_level);

  SIZE(diyalog_help_status);
  OFFSET(diyalog_help_status, struct_size);
  OFFSET(diyalog_help_status, is_in_help);
  OFFSET(diyalog_help_status, help_type);
  OFFSET(diyalog_help_status, error_code);
  OFFSET(diyalog_help_status, help_type_text);
  OFFSET(diyalog_help_status, staff_id);

  SIZE(diyalog_response);
  OFFSET(diyalog_response, struct_size);
  OFFSET(diyalog_response, http_status);
  OFFSET(diyalog_response, body_length);
  OFFSET(diyalog_response, body);

  SIZE(diyalog_signed_headers);
  OFFSET(diyalog_signed_headers, struct_size);
  OFFSET(diyalog_signed_headers, reserved);
  OFFSET(diyalog_signed_headers, date);
  OFFSET(diyalog_signed_headers, requester_user_id);
  OFFSET(diyalog_signed_headers, authorization);
  return 0;
}
