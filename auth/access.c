// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the allow list: read once at start into a sorted array of identities, asked once a request.
// Must not: change while the gateway runs, or know why somebody asks.
#include "access.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 100000
#define LINE_MAX_BYTES 1024

const struct w3p_conf_key w3p_access_conf_keys[] = {
    {.name = "accounts.mode",
     .type = W3P_CONF_ENUM,
     .offset = offsetof(struct w3p_access_settings, mode),
     .fallback = "auto",
     .choices = "auto|open|allowlist",
     .unit = "",
     .help = "Who may pin: everybody with a wallet (open), or only the accounts listed (allowlist); auto is open with "
             "crust.key_uri, which is for development, and allowlist otherwise."},
    {.name = "accounts.allow",
     .type = W3P_CONF_STRING,
     .offset = offsetof(struct w3p_access_settings, allow),
     .fallback = "",
     .unit = "",
     .help = "Accounts that may pin, separated by commas: chain and address as in a token (eth-0x…, sol-…, near-…), a "
             "bare SS58 address, or an identity as in the log (evm:0x…)."},
    {.name = "accounts.allow_file",
     .type = W3P_CONF_STRING,
     .offset = offsetof(struct w3p_access_settings, allow_file),
     .fallback = "",
     .unit = "",
     .help = "A file with more of them, one a line; '#' begins a comment. It is read at start."},
    {.name = "accounts.pins_per_day",
     .type = W3P_CONF_U64,
     .offset = offsetof(struct w3p_access_settings, pins_per_day),
     .fallback = "1000",
     .min = 0,
     .max = 1000000000,
     .unit = "pins",
     .help = "How many pins one account may add in a UTC day before it is answered 403; 0 means no limit."},
    {.name = "accounts.planck_per_day",
     .type = W3P_CONF_U64,
     .offset = offsetof(struct w3p_access_settings, planck_per_day),
     .fallback = "0",
     .min = 0,
     .max = INT64_MAX,
     .unit = "planck",
     .help = "What the orders for the pins that one account adds in a UTC day may cost before it is answered 403; 0 "
             "means no limit of its own."},
    {.name = "accounts.repin_wait_s",
     .type = W3P_CONF_U64,
     .offset = offsetof(struct w3p_access_settings, repin_wait_s),
     .fallback = "3600",
     .min = 0,
     .max = 86400,
     .unit = "s",
     .help = "How long an account's replaced pins, and kubo's MFS policy, wait after an order that one of them caused; "
             "what is replaced again meanwhile is never ordered. 0: no wait."},
    {.name = NULL},
};

struct w3p_access {
    enum w3p_access_mode mode;
    struct w3p_identity *list; // sorted, no duplicates
    size_t count, room;
};

static int compare_identities(const void *a, const void *b)
{
    return strcmp(((const struct w3p_identity *)a)->text, ((const struct w3p_identity *)b)->text);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct w3p_span trim(const char *text, size_t len)
{
    while (len > 0 && is_blank(text[0])) {
        text++;
        len--;
    }
    while (len > 0 && is_blank(text[len - 1]))
        len--;
    return W3P_SPAN(text, len);
}

// where: "accounts.allow", or file and line, for the sentence.
static int add_entry(struct w3p_access *access, struct w3p_errmsg *msg, struct w3p_span entry, const char *where)
{
    struct w3p_identity identity;
    const char *text = (const char *)entry.ptr;
    if (w3p_identity_parse(&identity, text, entry.len) != W3P_OK) {
        enum w3p_auth_reason reason = w3p_auth_address(&identity, text, entry.len);
        if (reason != W3P_AUTH_OK)
            return w3p_fail(msg, W3P_E_INVALID, "%s: \"%.*s\" is no account (%s)", where,
                            (int)(entry.len < 80 ? entry.len : 80), text, w3p_auth_reason_sentence(reason));
    }
    if (access->count == ENTRIES_MAX)
        return w3p_fail(msg, W3P_E_LIMIT, "%s: more than %d accounts", where, ENTRIES_MAX);
    if (access->count == access->room) {
        size_t room = access->room == 0 ? 16 : access->room * 2;
        struct w3p_identity *grown = w3p_calloc(room, sizeof(*grown));
        if (access->count > 0)
            memcpy(grown, access->list, access->count * sizeof(*grown));
        free(access->list);
        access->list = grown;
        access->room = room;
    }
    access->list[access->count++] = identity;
    return W3P_OK;
}

static int add_list(struct w3p_access *access, struct w3p_errmsg *msg, const char *list)
{
    for (const char *part = list; part != NULL && *part != '\0';) {
        size_t len = strcspn(part, ",");
        struct w3p_span entry = trim(part, len);
        if (entry.len > 0) { // "a,,b" and a comma at the end are harmless
            int err = add_entry(access, msg, entry, "accounts.allow");
            if (err != W3P_OK)
                return err;
        }
        part += len;
        if (*part == ',')
            part++;
    }
    return W3P_OK;
}

static int add_file(struct w3p_access *access, struct w3p_errmsg *msg, const char *path)
{
    char line[LINE_MAX_BYTES], where[256];
    int err = W3P_OK;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return w3p_fail(msg, W3P_E_IO, "accounts.allow_file: %s: %s", path, strerror(errno));
    for (unsigned number = 1; err == W3P_OK && fgets(line, sizeof(line), file) != NULL; number++) {
        size_t len = strlen(line);
        snprintf(where, sizeof(where), "%s:%u", path, number);
        // A NUL also ends the string early, and is as wrong here as a line that is too long.
        if ((len == 0 || line[len - 1] != '\n') && !feof(file)) {
            err = w3p_fail(msg, W3P_E_INVALID, "%s: the line is too long or holds a NUL", where);
            break;
        }
        struct w3p_span entry = trim(line, strcspn(line, "#"));
        if (entry.len > 0)
            err = add_entry(access, msg, entry, where);
    }
    if (err == W3P_OK && ferror(file))
        err = w3p_fail(msg, W3P_E_IO, "accounts.allow_file: %s: %s", path, strerror(errno));
    fclose(file);
    return err;
}

static void sort_and_merge(struct w3p_access *access)
{
    if (access->count == 0)
        return;
    qsort(access->list, access->count, sizeof(*access->list), compare_identities);
    size_t kept = 1;
    for (size_t i = 1; i < access->count; i++)
        if (compare_identities(&access->list[i], &access->list[kept - 1]) != 0)
            access->list[kept++] = access->list[i];
    access->count = kept;
}

int w3p_access_create(struct w3p_access **out, struct w3p_errmsg *msg, const struct w3p_access_settings *settings,
                      bool development)
{
    struct w3p_access *access = w3p_calloc(1, sizeof(*access));
    access->mode = (enum w3p_access_mode)settings->mode;
    if (access->mode != W3P_ACCESS_OPEN && access->mode != W3P_ACCESS_ALLOWLIST)
        access->mode = development ? W3P_ACCESS_OPEN : W3P_ACCESS_ALLOWLIST;

    int err = add_list(access, msg, settings->allow);
    if (err == W3P_OK && settings->allow_file != NULL && settings->allow_file[0] != '\0')
        err = add_file(access, msg, settings->allow_file);
    if (err != W3P_OK) {
        w3p_access_destroy(access);
        return err;
    }
    sort_and_merge(access);
    *out = access;
    return W3P_OK;
}

void w3p_access_destroy(struct w3p_access *access)
{
    if (access == NULL)
        return;
    free(access->list);
    free(access);
}

bool w3p_access_permits(const struct w3p_access *access, const struct w3p_identity *identity)
{
    if (access->mode == W3P_ACCESS_OPEN)
        return true;
    return access->count > 0 &&
           bsearch(identity, access->list, access->count, sizeof(*access->list), compare_identities) != NULL;
}

enum w3p_access_mode w3p_access_effective(const struct w3p_access *access)
{
    return access->mode;
}

size_t w3p_access_count(const struct w3p_access *access)
{
    return access->count;
}
