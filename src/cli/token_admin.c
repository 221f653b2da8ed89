// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin token keys`, `revoke` and `legacy`: what the operator tells a running gateway over admin.socket.
#include <stdio.h>
#include <string.h>

#include "cli/admin.h"
#include "cli/cli.h"
#include "cli/token.h"

enum { TARGET_MAX = 64, BODY_MAX = 1024, TOKEN_ID_LEN = 32, MESSAGE_ID_LEN = 64 };

// As w3p_admin_begin, behind the action's name.
static int begin(struct w3p_settings *settings, const char **words, size_t *count, size_t max,
                 const struct w3p_option *options, int argc, char **argv)
{
    int left = argc - 1;
    argv[1] = argv[0];
    return w3p_admin_begin(settings, words, count, max, options, &left, argv + 1);
}

// One request; its answer is for the caller to show. Gives the exit code.
static int tell(json_t **answer, const struct w3p_settings *settings, const char *method, const char *target,
                const char *body)
{
    struct w3p_errmsg msg;
    return w3p_admin_call(answer, &msg, settings, method, target, body) == W3P_OK ? W3P_EXIT_OK
                                                                                  : w3p_token_failed(&msg);
}

// ---- keys ----

static void print_keys(const json_t *answer)
{
    const json_t *keys = json_object_get(answer, "keys");
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const json_t *key = json_array_get(keys, i);
        printf("key %-3lld  made %s%s\n", w3p_admin_number(key, "kid"), w3p_admin_text(key, "made"),
               json_is_true(json_object_get(key, "current")) ? "  makes new tokens" : "");
    }
}

static int parse_kid(uint64_t *out, struct w3p_errmsg *msg, const char *text)
{
    if (w3p_u64_parse(out, text, strlen(text)) == W3P_OK && *out >= 1 && *out <= UINT8_MAX)
        return W3P_OK;
    return w3p_fail(msg, W3P_E_INVALID, "--drop takes the number of a key, 1 to 255, not '%.40s'", text);
}

static int change_keys(const struct w3p_settings *settings, bool rotate, uint64_t kid, bool json)
{
    char target[TARGET_MAX];
    json_t *answer = NULL;
    int code;
    if (rotate) {
        code = tell(&answer, settings, "POST", "/auth/keys", "{}");
    } else {
        (void)snprintf(target, sizeof target, "/auth/keys/%u", (unsigned)kid);
        code = tell(&answer, settings, "DELETE", target, NULL);
    }
    if (code == W3P_EXIT_OK && json)
        w3p_admin_print_json(answer);
    else if (code == W3P_EXIT_OK && rotate)
        printf("key %lld makes new tokens; those of older keys stay valid until their key is dropped\n",
               w3p_admin_number(answer, "kid"));
    else if (code == W3P_EXIT_OK)
        printf("key %u is gone, and every token that it made\n", (unsigned)kid);
    json_decref(answer);
    return code;
}

int w3p_token_run_keys(int argc, char **argv)
{
    bool json = false, rotate = false;
    const char *drop = NULL;
    const struct w3p_option options[] = {
        {"--json", &json, NULL}, {"--rotate", &rotate, NULL}, {"--drop", NULL, &drop}, {0}};
    struct w3p_settings settings;
    struct w3p_errmsg msg;
    json_t *answer = NULL;
    uint64_t kid = 0;
    size_t count;
    int code = begin(&settings, NULL, &count, 0, options, argc, argv);
    if (code != W3P_EXIT_OK)
        return code;
    if (rotate && drop != NULL) {
        code = w3p_token_usage_error("--rotate or --drop, not both");
    } else if (drop != NULL && parse_kid(&kid, &msg, drop) != W3P_OK) {
        code = w3p_token_usage_error(msg.text);
    } else if (rotate || drop != NULL) {
        code = change_keys(&settings, rotate, kid, json);
    } else {
        code = tell(&answer, &settings, "GET", "/auth/keys", NULL);
        if (code == W3P_EXIT_OK)
            (json ? w3p_admin_print_json : print_keys)(answer);
        json_decref(answer);
    }
    w3p_settings_free(&settings);
    return code;
}

// ---- revoke, legacy ----

static bool is_id(const char *text)
{
    size_t len = strlen(text);
    return (len == TOKEN_ID_LEN || len == MESSAGE_ID_LEN) && strspn(text, "0123456789abcdef") == len;
}

// "evm:0x…" as the log has it, or "eth-0x…" as a token has it.
static bool is_account(const char *text)
{
    struct w3p_identity identity;
    size_t len = strlen(text);
    return w3p_identity_parse(&identity, text, len) == W3P_OK || w3p_auth_address(&identity, text, len) == W3P_AUTH_OK;
}

// A body of one text, and of a switch unless off is NULL.
static void put_body(struct w3p_buf *out, const char *key, const char *text, const bool *off)
{
    struct w3p_json j;
    w3p_buf_init(out, BODY_MAX);
    w3p_json_init(&j, out);
    w3p_json_begin_object(&j);
    w3p_json_str_field(&j, key, text);
    if (off != NULL)
        w3p_json_bool_field(&j, "off", *off);
    w3p_json_end_object(&j);
}

static int send_body(const struct w3p_settings *settings, const char *target, struct w3p_buf *body)
{
    json_t *answer = NULL;
    int code = tell(&answer, settings, "POST", target, w3p_buf_str(body));
    json_decref(answer);
    w3p_buf_deinit(body);
    return code;
}

int w3p_token_run_revoke(int argc, char **argv)
{
    const char *account = NULL, *id = NULL;
    const struct w3p_option options[] = {{"--account", NULL, &account}, {0}};
    struct w3p_settings settings;
    struct w3p_buf body;
    size_t count;
    int code = begin(&settings, &id, &count, 1, options, argc, argv);
    if (code != W3P_EXIT_OK)
        return code;
    if ((count == 1) == (account != NULL)) {
        code = w3p_token_usage_error("revoke takes an ID, or --account IDENTITY; see --help");
    } else if (count == 1 && !is_id(id)) {
        code = w3p_token_usage_error("an ID is 32 or 64 hex digits in lower case, as `w3pin token inspect` shows it");
    } else if (account != NULL && !is_account(account)) {
        code = w3p_token_usage_error("--account takes an identity such as evm:0x..., or eth-0x...");
    } else {
        put_body(&body, account != NULL ? "account" : "id", account != NULL ? account : id, NULL);
        code = send_body(&settings, "/auth/revoke", &body);
        if (code == W3P_EXIT_OK)
            puts(account == NULL ? "revoked, from the next request on"
                                 : "every minted and self-issued token of this account is revoked; its W3Auth token is "
                                   "not (w3pin token legacy)");
    }
    w3p_settings_free(&settings);
    return code;
}

int w3p_token_run_legacy(int argc, char **argv)
{
    const struct w3p_option none[] = {{0}};
    const char *words[2] = {NULL, NULL};
    struct w3p_settings settings;
    struct w3p_buf body;
    size_t count;
    int code = begin(&settings, words, &count, 2, none, argc, argv);
    if (code != W3P_EXIT_OK)
        return code;
    bool off = count == 2 && strcmp(words[1], "off") == 0;
    if (count != 2 || !(off || strcmp(words[1], "on") == 0)) {
        code = w3p_token_usage_error("legacy takes an IDENTITY, and on or off; see --help");
    } else if (!is_account(words[0])) {
        code = w3p_token_usage_error("an identity is written evm:0x..., or eth-0x...");
    } else {
        put_body(&body, "account", words[0], &off);
        code = send_body(&settings, "/auth/accounts/legacy", &body);
        if (code == W3P_EXIT_OK)
            puts(off ? "W3Auth tokens of this account are refused from the next request on"
                     : "W3Auth tokens of this account are accepted");
    }
    w3p_settings_free(&settings);
    return code;
}
