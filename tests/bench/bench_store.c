// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what a durable pin costs, without HTTP: 64 clients in a closed loop (two threads, as an event loop has
// them) against w3p_pins_add, beside a bare loop of SQLite calls that writes the same rows in groups of the same size.
// Both commit with synchronous=FULL in a directory of their own under TMPDIR, which must be a real disk.
// Usage: bench_store [seconds per round, default 2], or bench_store --bare PINS GROUP for the bare loop alone
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "contents.h"
#include "pins.h"
#include "store/db.h"

enum { LOOPS = 2, CLIENTS = 64, ACCOUNTS = 64, ROUNDS = 3, SAMPLES_MAX = 1 << 20 };
#define PRICE 1000u

static char dir[300], path[340];
static _Atomic unsigned wal_syncs;
static sqlite3_vfs counting_vfs, *real_vfs;
static sqlite3_io_methods wal_methods;
static const sqlite3_io_methods *real_methods;

static int count_sync(sqlite3_file *file, int flags)
{
    wal_syncs++;
    return real_methods->xSync(file, flags);
}

static int count_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    (void)vfs;
    int code = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
    if (code == SQLITE_OK && (flags & SQLITE_OPEN_WAL)) {
        real_methods = file->pMethods;
        wal_methods = *real_methods;
        wal_methods.xSync = count_sync;
        file->pMethods = &wal_methods;
    }
    return code;
}

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_store: %s\n", what);
    exit(1);
}

static struct w3p_store *open_store(const char *name)
{
    static const struct w3p_migration *const tables[] = {w3p_contents_migrations, w3p_pins_migrations};
    struct w3p_store *store;
    struct w3p_errmsg msg;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    struct w3p_store_conf conf = {
        .path = path, .migrations = tables, .migration_table_count = 2, .queue_max = 1024, .busy_timeout_ms = 1000};
    if (w3p_store_open(&store, &msg, &conf) != W3P_OK)
        fail(msg.text);
    return store;
}

static void remove_files(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};

    for (size_t i = 0; i < 4; i++) {
        char file[360];
        snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        unlink(file);
    }
}

// What a client sends: a CID that nobody pinned before.
static void make_cid(struct w3p_cid *cid, char text[W3P_CID_ORDER_MAX], uint64_t n)
{
    *cid = (struct w3p_cid){.version = 1, .codec = W3P_CODEC_RAW, .hash = W3P_HASH_SHA2_256, .digest_len = 32};
    for (size_t i = 0; i < 4; i++) { // as scattered as a real digest
        n = (n + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
        n ^= n >> 29;
        memcpy(cid->digest + 8 * i, &n, 8);
    }
    w3p_cid_format_order(text, cid);
}

static void make_identity(char out[24], unsigned client)
{
    snprintf(out, 24, "eth-account-%02u", client % ACCOUNTS);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct loop;
struct client {
    struct loop *loop;
    struct client *next; // answered, under the loop's lock
    unsigned number;
    uint64_t pins, sent_ns;
};
struct loop {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct client *answered;
    struct client clients[CLIENTS / LOOPS];
    uint64_t done;
    double *latency_us;
    size_t samples;
};
static struct w3p_pins *pins;
static _Atomic bool stop;
static _Atomic uint64_t serial;

static void answered(void *arg, int err, const struct w3p_pin *pin)
{
    struct client *client = arg;
    struct loop *loop = client->loop;

    if (err != W3P_OK || !pin)
        fail("a pin was refused");
    pthread_mutex_lock(&loop->lock);
    bool first = loop->answered == NULL;
    client->next = loop->answered;
    loop->answered = client;
    if (first)
        pthread_cond_signal(&loop->wake);
    pthread_mutex_unlock(&loop->lock);
}

static void send_pin(struct client *client)
{
    struct w3p_cid cid;
    char text[W3P_CID_ORDER_MAX], identity[24];

    make_cid(&cid, text, serial++);
    make_identity(identity, client->number);
    struct w3p_pin_spec spec = {.identity = identity, .cid_text = text, .cid = &cid, .name = "a name of usual length"};
    client->sent_ns = w3p_clock_mono_ns();
    if (w3p_pins_add(pins, &spec, answered, client) != W3P_OK)
        fail("the queue is full");
}

static void *loop_main(void *arg)
{
    struct loop *loop = arg;
    size_t open = CLIENTS / LOOPS;

    for (size_t i = 0; i < CLIENTS / LOOPS; i++)
        send_pin(&loop->clients[i]);
    while (open > 0) {
        pthread_mutex_lock(&loop->lock);
        while (!loop->answered)
            pthread_cond_wait(&loop->wake, &loop->lock);
        struct client *list = loop->answered;
        loop->answered = NULL;
        pthread_mutex_unlock(&loop->lock);
        uint64_t now_ns = w3p_clock_mono_ns();
        for (struct client *next; list; list = next) {
            next = list->next;
            loop->done++;
            if (loop->samples < SAMPLES_MAX)
                loop->latency_us[loop->samples++] = (double)(now_ns - list->sent_ns) / 1e3;
            if (stop)
                open--;
            else
                send_pin(list);
        }
    }
    return NULL;
}

static uint64_t price(void *arg, uint64_t size)
{
    (void)arg;
    (void)size;
    return PRICE;
}

struct figures {
    double per_second, group, cpu_us, p50_us, p99_us, max_us; // cpu_us: a pin, clients included
    uint64_t pins;
};

static struct figures run_gateway(double seconds)
{
    static struct loop loops[LOOPS];
    struct w3p_store *store = open_store("gateway.db");
    struct w3p_pins_conf conf = {.store = store, .default_size = 1 << 20, .estimate = price};
    struct figures f = {.pins = 0};

    pins = w3p_pins_create(&conf);
    stop = false;
    unsigned syncs = wal_syncs;
    double cpu = cpu_seconds();
    uint64_t from_ns = w3p_clock_mono_ns();
    for (unsigned i = 0; i < LOOPS; i++) {
        loops[i] = (struct loop){.latency_us = w3p_calloc(SAMPLES_MAX, sizeof(double))};
        pthread_mutex_init(&loops[i].lock, NULL);
        pthread_cond_init(&loops[i].wake, NULL);
        for (unsigned c = 0; c < CLIENTS / LOOPS; c++)
            loops[i].clients[c] = (struct client){.loop = &loops[i], .number = i * (CLIENTS / LOOPS) + c};
        if (pthread_create(&loops[i].thread, NULL, loop_main, &loops[i]) != 0)
            fail("no thread");
    }
    usleep((useconds_t)(seconds * 1e6));
    stop = true;
    double *all = w3p_calloc((size_t)LOOPS * SAMPLES_MAX, sizeof(double));
    size_t samples = 0;
    for (unsigned i = 0; i < LOOPS; i++) {
        pthread_join(loops[i].thread, NULL);
        memcpy(all + samples, loops[i].latency_us, loops[i].samples * sizeof(double));
        samples += loops[i].samples;
        f.pins += loops[i].done;
        free(loops[i].latency_us);
    }
    f.per_second = (double)f.pins * 1e9 / (double)(w3p_clock_mono_ns() - from_ns);
    f.group = (double)f.pins / (wal_syncs - syncs);
    f.cpu_us = (cpu_seconds() - cpu) * 1e6 / (double)f.pins;
    qsort(all, samples, sizeof *all, by_value);
    f.p50_us = all[samples / 2];
    f.p99_us = all[samples * 99 / 100];
    f.max_us = all[samples - 1];
    free(all);
    w3p_store_close(store);
    w3p_pins_destroy(pins);
    remove_files();
    return f;
}

static sqlite3_stmt *bare_prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt;

    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(db));
    return stmt;
}

static void bare_step(sqlite3_stmt *stmt)
{
    if (sqlite3_step(stmt) != SQLITE_DONE)
        fail(sqlite3_errmsg(sqlite3_db_handle(stmt)));
    sqlite3_reset(stmt);
}

struct bare {
    sqlite3 *db;
    sqlite3_stmt *begin, *commit, *account, *content, *budget, *pin;
};

static void bare_open(struct bare *b)
{
    char identity[24];

    w3p_store_close(open_store("bare.db")); // the same schema
    if (sqlite3_open(path, &b->db) != SQLITE_OK)
        fail("cannot open the bare database");
    sqlite3_exec(b->db,
                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                 "PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=4096; INSERT INTO budget(day) VALUES(1)",
                 NULL, NULL, NULL);
    sqlite3_stmt *add =
        bare_prepare(b->db, "INSERT INTO accounts(identity, created_ms, last_created_ms, day, pins_today)"
                            " VALUES(?1, 1, 1, 1, 0)");
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        make_identity(identity, i);
        sqlite3_bind_text(add, 1, identity, -1, SQLITE_TRANSIENT);
        bare_step(add);
    }
    sqlite3_finalize(add);
    b->begin = bare_prepare(b->db, "BEGIN IMMEDIATE");
    b->commit = bare_prepare(b->db, "COMMIT");
    b->account =
        bare_prepare(b->db, "UPDATE accounts SET last_created_ms=?2, pins_today=pins_today+1 WHERE identity=?1");
    b->content = bare_prepare(b->db, "INSERT INTO contents(key, cid, state, size, pins, not_before_ms, created_ms)"
                                     " VALUES(?1, ?2, 1, 1048576, 1, ?3, ?3)");
    b->budget = bare_prepare(b->db, "UPDATE budget SET promised=promised+?1 WHERE day=1");
    b->pin = bare_prepare(b->db, "INSERT INTO pins(requestid, account, content, status, created_ms, cid, name, state,"
                                 " size) VALUES(?1, ?2, ?3, 0, ?4, ?5, 'a name of usual length', 1, 1048576)");
}

static void bare_pin(struct bare *b, uint64_t n)
{
    struct w3p_cid cid;
    uint8_t key[W3P_CID_KEY_MAX];
    char text[W3P_CID_ORDER_MAX], identity[24], requestid[37];
    unsigned client = (unsigned)(n % CLIENTS);

    make_cid(&cid, text, n);
    make_identity(identity, client);
    w3p_uuid7(requestid);
    sqlite3_bind_text(b->account, 1, identity, -1, SQLITE_STATIC);
    sqlite3_bind_int64(b->account, 2, (int64_t)n);
    bare_step(b->account);
    sqlite3_bind_blob(b->content, 1, key, (int)w3p_cid_key(key, &cid), SQLITE_STATIC);
    sqlite3_bind_text(b->content, 2, text, -1, SQLITE_STATIC);
    sqlite3_bind_int64(b->content, 3, (int64_t)n);
    bare_step(b->content);
    sqlite3_bind_int64(b->budget, 1, PRICE);
    bare_step(b->budget);
    sqlite3_bind_text(b->pin, 1, requestid, -1, SQLITE_STATIC);
    sqlite3_bind_int64(b->pin, 2, client % ACCOUNTS + 1);
    sqlite3_bind_int64(b->pin, 3, sqlite3_last_insert_rowid(b->db));
    sqlite3_bind_int64(b->pin, 4, (int64_t)n);
    sqlite3_bind_text(b->pin, 5, text, -1, SQLITE_STATIC);
    bare_step(b->pin);
}

static struct figures run_bare(uint64_t count, unsigned group)
{
    struct figures f = {.pins = count, .group = group};
    struct bare b;

    bare_open(&b);
    double cpu = cpu_seconds();
    uint64_t from_ns = w3p_clock_mono_ns();
    for (uint64_t n = 0; n < count;) {
        bare_step(b.begin);
        for (unsigned i = 0; i < group && n < count; i++)
            bare_pin(&b, n++);
        bare_step(b.commit);
    }
    f.per_second = (double)count * 1e9 / (double)(w3p_clock_mono_ns() - from_ns);
    f.cpu_us = (cpu_seconds() - cpu) * 1e6 / (double)count;
    sqlite3_stmt *all[] = {b.begin, b.commit, b.account, b.content, b.budget, b.pin};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        sqlite3_finalize(all[i]);
    sqlite3_close(b.db);
    remove_files();
    return f;
}

static void compare(double seconds)
{
    double ratios[ROUNDS];

    if (!(seconds >= 0.1 && seconds <= 60))
        fail("seconds must be between 0.1 and 60");
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct figures f = run_gateway(seconds);
        unsigned group = f.group < 1 ? 1 : (unsigned)lround(f.group);
        struct figures bare = run_bare(f.pins, group);
        ratios[round] = f.per_second / bare.per_second;
        printf("gateway %.0f pins/s (%llu pins, %.1f a sync, %.1f us CPU, p50 %.0f us, p99 %.0f us, max %.0f us)"
               "  bare %.0f pins/s (%u a sync, %.1f us CPU)  ratio %.2f\n",
               f.per_second, (unsigned long long)f.pins, f.group, f.cpu_us, f.p50_us, f.p99_us, f.max_us,
               bare.per_second, group, bare.cpu_us, ratios[round]);
        fflush(stdout);
    }
    qsort(ratios, ROUNDS, sizeof *ratios, by_value);
    printf("figure\tdurable pins without HTTP, beside a bare SQLite loop\t%.2f\n", ratios[ROUNDS / 2]);
}

static void bare_alone(const char *pins_text, const char *group_text)
{
    unsigned long count = strtoul(pins_text, NULL, 10), group = strtoul(group_text, NULL, 10);

    if (count < 1 || count > 10000000 || group < 1 || group > 100000)
        fail("--bare PINS GROUP, both at least 1");
    printf("%.0f\n", run_bare(count, (unsigned)group).per_second);
}

int main(int argc, char **argv)
{
    const char *base = getenv("TMPDIR");

    snprintf(dir, sizeof dir, "%s/w3pin-bench-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(dir))
        fail("cannot make a directory");
    real_vfs = sqlite3_vfs_find(NULL);
    counting_vfs = *real_vfs;
    counting_vfs.zName = "w3p-bench";
    counting_vfs.xOpen = count_open;
    sqlite3_vfs_register(&counting_vfs, 1);
    if (argc == 4 && strcmp(argv[1], "--bare") == 0)
        bare_alone(argv[2], argv[3]);
    else
        compare(argc > 1 ? strtod(argv[1], NULL) : 2);
    rmdir(dir);
    return 0;
}
