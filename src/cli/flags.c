// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see flags.h.
#include "cli/flags.h"

#include <string.h>

int w3p_word_shown(const char *word)
{
    const char *address = strstr(word, "://");
    return address != NULL && address - word < 77 ? (int)(address - word) + 3 : 80;
}

int w3p_flag_next(struct w3p_flag *out, int *i, struct w3p_errmsg *msg, int argc, char **argv)
{
    const char *arg = argv[*i];
    if (strncmp(arg, "--", 2) != 0)
        return w3p_fail(msg, W3P_E_INVALID, "'%.*s' is not an option; see --help", w3p_word_shown(arg), arg);
    const char *equals = strchr(arg, '=');
    size_t len = equals != NULL ? (size_t)(equals - arg) - 2 : strlen(arg) - 2;
    if (len == 0 || len >= sizeof out->name)
        return w3p_fail(msg, W3P_E_INVALID, "unknown option '%.*s'; see --help", w3p_word_shown(arg), arg);
    memcpy(out->name, arg + 2, len);
    out->name[len] = '\0';
    if (equals != NULL)
        out->value = equals + 1;
    else if (*i + 1 < argc)
        out->value = argv[++*i];
    else
        return w3p_fail(msg, W3P_E_INVALID, "option '--%s' needs a value", out->name);
    ++*i;
    return W3P_OK;
}

int w3p_flag_u64(uint64_t *out, struct w3p_errmsg *msg, const struct w3p_flag *flag, uint64_t min, uint64_t max)
{
    uint64_t number = 0;
    if (w3p_u64_parse(&number, flag->value, strlen(flag->value)) != W3P_OK || number < min || number > max)
        return w3p_fail(msg, W3P_E_RANGE, "--%s takes a whole number from %llu to %llu, not '%.40s'", flag->name,
                        (unsigned long long)min, (unsigned long long)max, flag->value);
    *out = number;
    return W3P_OK;
}

int w3p_flag_unknown(struct w3p_errmsg *msg, const struct w3p_flag *flag)
{
    return w3p_fail(msg, W3P_E_INVALID, "unknown option '--%s'; see --help", flag->name);
}

static const struct w3p_option *find_option(const struct w3p_option *options, const char *arg)
{
    size_t len = strcspn(arg, "=");
    for (; options->name != NULL; options++)
        if (strlen(options->name) == len && memcmp(options->name, arg, len) == 0)
            return options;
    return NULL;
}

// One option at argv[*i], moved behind.
static int take_option(int *i, struct w3p_errmsg *msg, const struct w3p_option *option, int argc, char **argv)
{
    const char *equals = strchr(argv[*i], '=');
    if (option->on != NULL) {
        *option->on = true;
        return equals == NULL ? W3P_OK : w3p_fail(msg, W3P_E_INVALID, "%s takes no value", option->name);
    }
    if (equals == NULL && *i + 1 >= argc)
        return w3p_fail(msg, W3P_E_INVALID, "option '%s' needs a value", option->name);
    *option->value = equals != NULL ? equals + 1 : argv[++*i];
    return W3P_OK;
}

int w3p_args_take(const char **words, size_t *count, struct w3p_errmsg *msg, size_t max,
                  const struct w3p_option *options, int *argc, char **argv)
{
    int left = 0, err = W3P_OK;
    *count = 0;
    for (int i = 1; i < *argc && err == W3P_OK; ++i) {
        const struct w3p_option *option = find_option(options, argv[i]);
        if (option != NULL) {
            err = take_option(&i, msg, option, *argc, argv);
        } else if (strncmp(argv[i], "--", 2) == 0) {
            bool has_value = strchr(argv[i], '=') != NULL;
            argv[left++] = argv[i];
            if (!has_value && i + 1 < *argc)
                argv[left++] = argv[++i];
        } else if (*count < max) {
            words[(*count)++] = argv[i];
        } else {
            err = w3p_fail(msg, W3P_E_INVALID, "'%.*s' is one word too many; see --help", w3p_word_shown(argv[i]),
                           argv[i]);
        }
    }
    *argc = left;
    return err;
}
