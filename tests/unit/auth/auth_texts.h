// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the outside vectors of sign-in texts, for the tests that read them: any file of that form will do.
#ifndef W3P_TEST_AUTH_TEXTS_H
#define W3P_TEST_AUTH_TEXTS_H

#include <jansson.h>

#include "hosts.h"

// w3auth_vectors.json; the running test is skipped, and says so, when it is not there.
json_t *auth_texts_load(const char *test);
const char *auth_texts_string(const json_t *vector, const char *key); // "" when it is not there
int64_t auth_texts_time(const json_t *vector, const char *key, int64_t fallback_ms);
// A list of the string, or of the strings of the array, of that name; empty when one of them is no host. The caller
// destroys it.
struct w3p_hosts *auth_texts_hosts(const json_t *vector, const char *key);

#endif
