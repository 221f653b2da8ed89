// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: starts of the gateway that must not succeed: what they say, what they leave behind, how they end.
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "call.h"
#include "crust/crust.h"
#include "crypto/hash.h"
#include "net/net.h"

static char folder[64], store[128];

static void setup(void)
{
    w3p_crypto_init();
    w3p_net_global_init();
    snprintf(folder, sizeof(folder), "%s/w3pin-serve-XXXXXX", P_tmpdir);
    cr_assert(mkdtemp(folder) != NULL);
    snprintf(store, sizeof(store), "--store.path=%s/w3pin.db", folder);
}

static void teardown(void)
{
    static const char *const names[] = {"w3pin.db", "w3pin.db-wal", "w3pin.db-shm", "w3pin.db.lock"};
    char path[128];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

TestSuite(cli_serve, .init = setup, .fini = teardown, .timeout = 30);

#define DEAD "--crust.endpoints=http://127.0.0.1:9" // the discard port: nobody answers
#define ALICE "--crust.key_uri=//Alice"
#define SEED "0101010101010101010101010101010101010101010101010101010101010101"

static bool has_database(void)
{
    return access(strchr(store, '=') + 1, F_OK) == 0;
}

// ---- a node that answers every call with one hash, or with nothing ----

static int listen_loopback(char url[64])
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0 && bind(fd, (struct sockaddr *)&addr, len) == 0 && listen(fd, 8) == 0 &&
              getsockname(fd, (struct sockaddr *)&addr, &len) == 0);
    snprintf(url, 64, "--crust.endpoints=http://127.0.0.1:%d", ntohs(addr.sin_port));
    return fd;
}

static void *answer_mainnet(void *arg)
{
    int listener = *(int *)arg, fd;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        char ask[4096], body[256], head[128];
        ssize_t n = recv(fd, ask, sizeof(ask) - 1, 0);
        ask[n > 0 ? n : 0] = '\0';
        const char *id = strstr(ask, "\"id\":");
        snprintf(body, sizeof(body), "{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":\"" W3P_CRUST_MAINNET_GENESIS "\"}",
                 id != NULL ? (int)strtol(id + 5, NULL, 10) : 0);
        snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
                 strlen(body));
        (void)!write(fd, head, strlen(head));
        (void)!write(fd, body, strlen(body));
        close(fd);
    }
    return NULL;
}

// ---- tests ----

static const struct {
    const char *words[4], *says;
} mistakes[] = {
    {{ALICE, "--psa.delegates=/ip4/1.2.3.4/tcp/4001"}, "/ip4/1.2.3.4/tcp/4001"},
    {{ALICE, "--accounts.allow=bob"}, "bob"},
    {{DEAD}, "exactly one"},
    {{"--crust.key_file=/nonexistent/key"}, "/nonexistent/key"},
    {{"--crust.key_file=" SEED}, "looks like the key itself"},
    {{ALICE, "--crust.era_blocks=65"}, "power of two"},
    {{ALICE, "--crust.endpoints=ftp://127.0.0.1"}, "endpoint"},
};

Test(cli_serve, a_mistake_is_one_line_and_makes_no_database)
{
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct outcome o;
        const char *words[8] = {"serve", store, "--log.level=off"};
        for (size_t k = 0; mistakes[i].words[k] != NULL; k++)
            words[3 + k] = mistakes[i].words[k];
        call(&o, &w3p_cmd_serve, "", words);
        cr_expect(o.code == 1, "%zu: %d %s", i, o.code, o.err);
        cr_expect(strncmp(o.err, "w3pin serve: ", 13) == 0 && strchr(o.err, '\n') == o.err + strlen(o.err) - 1, "%s",
                  o.err);
        cr_expect(strstr(o.err, mistakes[i].says) != NULL, "%zu: %s", i, o.err);
        cr_expect(strstr(o.err, SEED) == NULL, "%s", o.err);
        cr_expect(has_database() == false, "%zu", i);
    }
}

// The development key was refused on mainnet: the database of that start is still anybody's.
Test(cli_serve, a_start_that_the_chain_refuses_claims_nothing)
{
    struct outcome o;
    char url[64];
    int listener = listen_loopback(url);
    pthread_t node;
    cr_assert(pthread_create(&node, NULL, answer_mainnet, &listener) == 0);
    CALL(&o, w3p_cmd_serve, "", "serve", store, "--log.level=off", ALICE, url);
    cr_expect(o.code == 1 && strstr(o.err, "mainnet") != NULL, "%s", o.err);
    shutdown(listener, SHUT_RDWR);
    pthread_join(node, NULL);
    close(listener);
    cr_expect(has_database(), "no database");
    CALL(&o, w3p_cmd_serve, "", "serve", store, "--log.level=off", DEAD, "--crust.key_uri=//Bob",
         "--http.listen=192.0.2.1:1");
    cr_expect(o.code == 1 && strstr(o.err, "192.0.2.1") != NULL, "%s", o.err);
    // that one got as far as pins could have been accepted: from here the database is Bob's
    CALL(&o, w3p_cmd_serve, "", "serve", store, "--log.level=off", DEAD, ALICE, "--http.listen=192.0.2.1:1");
    cr_expect(o.code == 1 && strstr(o.err, "belongs to another account") != NULL, "%s", o.err);
}

// A node that takes the connection and says nothing: reply_timeout_ms would hold the start for a minute.
Test(cli_serve, a_signal_ends_a_start_that_waits_for_the_chain)
{
    char url[64];
    int listener = listen_loopback(url), status = 0;
    pid_t child = fork();
    cr_assert(child >= 0);
    if (child == 0) {
        const char *words[] = {"serve", store, "--log.level=off", ALICE, url, "--crust.reply_timeout_ms=60000", NULL};
        _exit(w3p_cmd_serve.run(6, (char **)words));
    }
    int fd = accept(listener, NULL, NULL); // it waits for us now
    cr_assert(fd >= 0);
    usleep(50000);
    int64_t before_ms = w3p_clock_mono_ms();
    cr_assert(kill(child, SIGTERM) == 0 && waitpid(child, &status, 0) == child);
    cr_expect(w3p_clock_mono_ms() - before_ms < 5000, "slow");
    cr_expect(status != 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "%x", (unsigned)status);
    close(fd);
    close(listener);
}
