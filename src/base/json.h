// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: writing JSON quickly into a bounded buffer (replies, logs), and reading foreign JSON safely (jansson with
// our limits: no duplicate keys, bounded depth, no NUL in strings; the size is bounded by whoever read the text).
// Threads: any, one object at a time.  Ownership: the writer borrows the buf; w3p_json_parse gives a new reference.
#ifndef W3P_BASE_JSON_H
#define W3P_BASE_JSON_H

#include <jansson.h>

#include "base/bytes.h"

// A writer puts commas itself. Nesting is the caller's duty; keys and values alternate inside objects.
struct w3p_json {
    struct w3p_buf *out;
    bool comma;
};

void w3p_json_init(struct w3p_json *j, struct w3p_buf *out);
void w3p_json_begin_object(struct w3p_json *j);
void w3p_json_end_object(struct w3p_json *j);
void w3p_json_begin_array(struct w3p_json *j);
void w3p_json_end_array(struct w3p_json *j);
void w3p_json_key(struct w3p_json *j, const char *key);  // key needs no escaping
void w3p_json_str(struct w3p_json *j, const char *text); // escaped; invalid UTF-8 becomes U+FFFD
void w3p_json_str_n(struct w3p_json *j, const char *text, size_t len);
void w3p_json_hex0x(struct w3p_json *j, const uint8_t *bytes, size_t len);
void w3p_json_int(struct w3p_json *j, int64_t value);
void w3p_json_uint(struct w3p_json *j, uint64_t value);
void w3p_json_bool(struct w3p_json *j, bool value);
void w3p_json_null(struct w3p_json *j);
void w3p_json_raw(struct w3p_json *j, const char *json, size_t len); // already JSON
void w3p_json_str_field(struct w3p_json *j, const char *key, const char *text);
void w3p_json_int_field(struct w3p_json *j, const char *key, int64_t value);
void w3p_json_bool_field(struct w3p_json *j, const char *key, bool value);

#define W3P_JSON_DEPTH_MAX 32
#define W3P_JSON_VALUES_MAX (1u << 16) // brackets that open and commas: what a text can cost in memory
// Parses exactly one JSON text. NULL on failure, with a sentence in msg. What is beyond these limits is refused before
// jansson sees the text. The caller json_decref()s.
json_t *w3p_json_parse(struct w3p_errmsg *msg, const char *text, size_t len) W3P_NODISCARD;

#endif
