// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what our side says to credentials, for test_wallets.py. stdin: one case a line. stdout: one line each,
// `ok IDENTITY …` or the reason in one word.
//   token HEX                                  a W3Auth token, as hex of its bytes
//   selfissued NOW_MS AUDIENCES DOMAINS HEX    a self-issued one: `ok IDENTITY SCOPES ISSUED_S EXPIRES_S ID LABEL`
//   login NOW_MS KEY_HEX AUDIENCES SCHEME ADDRESS TEXT SIGNATURE CALLBACK    (these four in hex, "" empty, - none):
//                                              `ok IDENTITY SCOPES TTL_S EXPIRES_MS NONCE DOMAIN LABEL`
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "base/encoding.h"
#include "login.h"
#include "selfissued.h"

#define LINE_MAX_BYTES 65536
#define WORDS_MAX 10

// As many bytes as there are and not one more, so that a read behind them is seen. The caller frees them.
static char *unhex(const char *digits, size_t *len)
{
    size_t count = strlen(digits), room = count / 2 + 1;
    uint8_t *data = w3p_calloc(room, 1);
    if (count > 0 && w3p_hex_decode(data, &room, digits, count) != W3P_OK) {
        fprintf(stderr, "no hex: %.40s\n", digits);
        exit(1);
    }
    *len = count / 2;
    char *exact = w3p_memdup(data, *len);
    free(data);
    return exact;
}

static void print_reason(enum w3p_auth_reason reason)
{
    printf("%s\n", w3p_auth_reason_name(reason));
}

static void print_token(char *const *words)
{
    size_t len;
    char *text = unhex(words[1], &len);
    struct w3p_token token;
    struct w3p_identity identity;
    enum w3p_auth_reason reason = w3p_token_decode(&token, text, len);
    if (reason == W3P_AUTH_OK)
        reason = w3p_token_verify_any(&identity, &token);
    if (reason == W3P_AUTH_OK)
        printf("ok %s\n", identity.text);
    else
        print_reason(reason);
    free(text);
}

static struct w3p_hosts *hosts_of(const char *list)
{
    struct w3p_hosts *hosts = NULL;
    struct w3p_errmsg msg;
    if (w3p_hosts_create(&hosts, &msg, "hosts", list, false) != W3P_OK) {
        fprintf(stderr, "no hosts: %.80s\n", list);
        exit(1);
    }
    return hosts;
}

static void print_selfissued(char *const *words)
{
    size_t len;
    char *text = unhex(words[4], &len), id[2 * 32 + 1];
    struct w3p_hosts *audiences = hosts_of(words[2]), *domains = hosts_of(words[3]);
    struct w3p_selfissued_rules rules = {audiences, domains, strtoll(words[1], NULL, 10)};
    struct w3p_token token;
    struct w3p_selfissued found;
    enum w3p_auth_reason reason = w3p_token_decode(&token, text, len);
    if (reason == W3P_AUTH_OK && !w3p_selfissued_is(&token)) {
        printf("other\n");
    } else {
        if (reason == W3P_AUTH_OK)
            reason = w3p_selfissued_check(&found, &token, &rules);
        if (reason == W3P_AUTH_OK) {
            w3p_hex_encode(id, found.msgid32, sizeof(found.msgid32));
            printf("ok %s %u %" PRId64 " %" PRId64 " %s%s%s\n", found.identity.text, (unsigned)found.scopes,
                   found.issued_s, found.expires_s, id, found.label[0] != '\0' ? " " : "", found.label);
        } else {
            print_reason(reason);
        }
    }
    w3p_hosts_destroy(audiences);
    w3p_hosts_destroy(domains);
    free(text);
}

// *keep is freed by the caller.
static struct w3p_span field(char **keep, const char *word)
{
    size_t len = 0;
    *keep = NULL;
    if (strcmp(word, "-") == 0)
        return W3P_SPAN(NULL, 0);
    *keep = unhex(strcmp(word, "\"\"") == 0 ? "" : word, &len);
    return W3P_SPAN(*keep, len);
}

static void print_login(char *const *words)
{
    char *address, *text, *signature, *callback, nonce[2 * 32 + 1];
    size_t key_len;
    char *key = unhex(words[2], &key_len);
    struct w3p_hosts *audiences = hosts_of(words[3]);
    struct w3p_login_answer answer = {.scheme = w3p_scheme_find(words[4], strlen(words[4]))};
    struct w3p_login login;
    answer.address = field(&address, words[5]);
    answer.message = field(&text, words[6]);
    answer.signature = field(&signature, words[7]);
    answer.callback_url = field(&callback, words[8]);
    enum w3p_auth_reason reason = W3P_AUTH_CHAIN;
    if (answer.scheme != NULL && key_len == 32)
        reason = w3p_login_check(&login, &answer, (const uint8_t *)key, audiences, strtoll(words[1], NULL, 10));
    if (reason == W3P_AUTH_OK) {
        w3p_hex_encode(nonce, login.nonce32, sizeof(login.nonce32));
        printf("ok %s %u %" PRId64 " %" PRId64 " %s %s%s%s\n", login.identity.text, (unsigned)login.scopes, login.ttl_s,
               login.expires_ms, nonce, login.domain, login.label[0] != '\0' ? " " : "", login.label);
    } else {
        print_reason(reason);
    }
    w3p_hosts_destroy(audiences);
    free(key);
    free(address);
    free(text);
    free(signature);
    free(callback);
}

static const struct {
    const char *name;
    size_t words;
    void (*print)(char *const *words);
} cases[] = {{"token", 2, print_token}, {"selfissued", 5, print_selfissued}, {"login", 9, print_login}};

// Cuts the line into its words; two spaces hold an empty one.
static size_t split(char *words[WORDS_MAX], char *line)
{
    size_t count = 0;
    for (char *rest = line, *word; count < WORDS_MAX && (word = strsep(&rest, " \n")) != NULL && rest != NULL;)
        words[count++] = word;
    return count;
}

int main(void)
{
    static char line[LINE_MAX_BYTES];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        char *words[WORDS_MAX];
        size_t count = split(words, line), i = 0, kinds = sizeof(cases) / sizeof(cases[0]);
        while (i < kinds && (count != cases[i].words || strcmp(words[0], cases[i].name) != 0))
            i++;
        if (i == kinds) {
            fprintf(stderr, "no case: %.40s\n", line);
            return 1;
        }
        cases[i].print(words);
    }
    return 0;
}
