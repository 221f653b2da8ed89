// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see auth_texts.h.
#include "auth_texts.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

json_t *auth_texts_load(const char *test)
{
    char path[1024];
    const char *folder = getenv("W3PIN_TEST_DATA");
    json_error_t error;
    if (folder != NULL)
        snprintf(path, sizeof(path), "%s/w3auth_vectors.json", folder);
    else
        snprintf(path, sizeof(path), "%s/../../shared/data/w3auth_vectors.json", W3P_TEST_SOURCE_DIR);
    json_t *all = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (all == NULL) {
        fprintf(stderr, "SKIPPED: %s: %s: %s\n", test, path, error.text);
        cr_skip_test("outside wallet vectors are missing");
    }
    return all;
}

const char *auth_texts_string(const json_t *vector, const char *key)
{
    const char *text = json_string_value(json_object_get(vector, key));
    return text != NULL ? text : "";
}

int64_t auth_texts_time(const json_t *vector, const char *key, int64_t fallback_ms)
{
    const char *text = auth_texts_string(vector, key);
    int64_t ms = fallback_ms;
    if (text[0] != '\0')
        cr_assert(w3p_rfc3339_parse(&ms, text, strlen(text)) == W3P_OK, "%s", text);
    return ms;
}

struct w3p_hosts *auth_texts_hosts(const json_t *vector, const char *key)
{
    const json_t *value = json_object_get(vector, key), *entry;
    struct w3p_buf list;
    struct w3p_hosts *hosts = NULL;
    struct w3p_errmsg msg = {.text = ""};
    size_t i;
    w3p_buf_init(&list, 10000);
    w3p_buf_put_str(&list, auth_texts_string(vector, key));
    json_array_foreach(value, i, entry) w3p_buf_printf(&list, "%s,", json_string_value(entry));
    if (w3p_hosts_create(&hosts, &msg, key, w3p_buf_str(&list), true) != W3P_OK) // a vector about a host that is none
        cr_assert(w3p_hosts_create(&hosts, &msg, key, NULL, true) == W3P_OK, "%s", msg.text);
    w3p_buf_deinit(&list);
    return hosts;
}
