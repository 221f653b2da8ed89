// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin token inspect`: explains a token of any kind, by itself or with the word of a gateway.
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/token.h"
#include "cli/token_finding.h"
#include "cli/token_web.h"

struct inspect_options {
    bool json;
    const char *word, *gateway, *origin;   // gateway NULL: nobody is asked
    struct w3p_hosts *audiences, *domains; // NULL: not given
    int64_t now_ms;
};

static int take_flag(struct inspect_options *o, struct w3p_errmsg *msg, const struct w3p_flag *flag)
{
    if (strcmp(flag->name, "audience") == 0 || strcmp(flag->name, "domains") == 0) {
        bool pages = flag->name[0] == 'd';
        struct w3p_hosts **list = pages ? &o->domains : &o->audiences;
        w3p_hosts_destroy(*list);
        *list = NULL;
        return w3p_hosts_create(list, msg, pages ? "--domains" : "--audience", flag->value, pages);
    }
    if (strcmp(flag->name, "now") == 0) {
        if (w3p_rfc3339_parse(&o->now_ms, flag->value, strlen(flag->value)) == W3P_OK)
            return W3P_OK;
        return w3p_fail(msg, W3P_E_INVALID, "--now takes a time such as 2026-11-21T12:00:00Z, not '%.40s'",
                        flag->value);
    }
    if (strcmp(flag->name, "gateway") == 0)
        o->gateway = flag->value;
    else if (strcmp(flag->name, "origin") == 0)
        o->origin = flag->value;
    else
        return w3p_flag_unknown(msg, flag);
    return W3P_OK;
}

// Asks the gateway, if one was named and the text has the form of a token. A refusal is an answer; W3P_OK then, and
// *msg is what it says.
static int ask_gateway(struct w3p_token_finding *f, struct w3p_errmsg *msg, const struct inspect_options *o,
                       struct w3p_span text)
{
    struct w3p_span token;
    char inner[W3P_TOKEN_INNER_MAX];
    json_t *answer = NULL;
    if (o->gateway == NULL || !f->has_kind || w3p_token_word(&token, inner, text) != W3P_AUTH_OK)
        return W3P_OK;
    int err = w3p_token_ask_whoami(&answer, msg, o->gateway, o->origin, token);
    if (err == W3P_OK || err == W3P_E_AUTH) {
        w3p_token_examine_answer(f, answer, msg->text);
        err = W3P_OK;
    }
    json_decref(answer);
    return err;
}

static int parse_inspect(struct inspect_options *o, struct w3p_errmsg *msg, int argc, char **argv)
{
    struct w3p_flag flag;
    int err = W3P_OK;
    for (int i = 2; i < argc && err == W3P_OK;) {
        if (strcmp(argv[i], "--json") == 0) {
            o->json = true;
            i++;
        } else if (argv[i][0] == '-' && argv[i][1] != '\0') {
            err = w3p_flag_next(&flag, &i, msg, argc, argv);
            if (err == W3P_OK)
                err = take_flag(o, msg, &flag);
        } else if (o->word != NULL) {
            err = w3p_fail(msg, W3P_E_INVALID, "inspect takes one TOKEN, or - for stdin; see --help");
        } else {
            o->word = argv[i++];
        }
    }
    if (err == W3P_OK && o->domains != NULL && o->audiences == NULL)
        err = w3p_fail(msg, W3P_E_INVALID, "--domains goes with --audience; see --help");
    if (err == W3P_OK && o->origin != NULL && o->gateway == NULL)
        err = w3p_fail(msg, W3P_E_INVALID, "--origin goes with --gateway; see --help");
    return err;
}

int w3p_token_run_inspect(int argc, char **argv)
{
    struct inspect_options o = {.now_ms = w3p_clock_wall_ms()};
    struct w3p_errmsg msg;
    struct w3p_buf text;
    struct w3p_token_finding finding;
    int code;
    w3p_buf_init(&text, W3P_TOKEN_TEXT_ROOM);
    if (parse_inspect(&o, &msg, argc, argv) != W3P_OK) {
        code = w3p_token_usage_error(msg.text);
        goto out;
    }
    w3p_token_read(&text, o.word);
    w3p_token_examine(&finding, W3P_SPAN(w3p_buf_str(&text), text.len),
                      &(struct w3p_token_place){.audiences = o.audiences, .domains = o.domains, .now_ms = o.now_ms});
    if (ask_gateway(&finding, &msg, &o, w3p_buf_span(&text)) != W3P_OK) {
        code = w3p_token_failed(&msg);
        goto out;
    }
    (o.json ? w3p_token_print_json : w3p_token_print_text)(&finding);
    code = finding.valid == W3P_VALIDITY_YES ? W3P_EXIT_OK : W3P_EXIT_FAILURE;
out:
    w3p_hosts_destroy(o.audiences);
    w3p_hosts_destroy(o.domains);
    w3p_buf_deinit(&text);
    return code;
}
