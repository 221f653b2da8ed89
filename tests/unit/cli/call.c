// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see call.h.
#include "call.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

static size_t drain(FILE *file, char *into, size_t room)
{
    rewind(file);
    size_t len = fread(into, 1, room - 1, file);
    into[len] = '\0';
    fclose(file);
    return len;
}

// Runs a command with its three streams on files.
void call(struct outcome *o, const struct w3p_command *command, const char *input, const char *const *words)
{
    char *argv[24];
    int argc = 0;
    for (; words[argc] != NULL; argc++)
        argv[argc] = (char *)words[argc];
    argv[argc] = NULL;
    FILE *in = tmpfile(), *out = tmpfile(), *err = tmpfile();
    cr_assert(in != NULL && out != NULL && err != NULL);
    fputs(input, in);
    rewind(in);
    fflush(NULL);
    int saved[3] = {dup(0), dup(1), dup(2)};
    cr_assert(dup2(fileno(in), 0) == 0 && dup2(fileno(out), 1) == 1 && dup2(fileno(err), 2) == 2);
    clearerr(stdin);
    o->code = command->run(argc, argv);
    fflush(NULL);
    for (int fd = 0; fd < 3; fd++) {
        dup2(saved[fd], fd);
        close(saved[fd]);
    }
    fclose(in);
    drain(out, o->out, sizeof(o->out));
    drain(err, o->err, sizeof(o->err));
}
