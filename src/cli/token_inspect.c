// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin token inspect`: explains a token of any kind.
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/token.h"
#include "cli/token_finding.h"

struct inspect_options {
    bool json;
    const char *word;
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
    return w3p_flag_unknown(msg, flag);
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
    (o.json ? w3p_token_print_json : w3p_token_print_text)(&finding);
    code = finding.valid == W3P_VALIDITY_YES ? W3P_EXIT_OK : W3P_EXIT_FAILURE;
out:
    w3p_hosts_destroy(o.audiences);
    w3p_hosts_destroy(o.domains);
    w3p_buf_deinit(&text);
    return code;
}
