// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: pins.h: a change of pins is one writer job that does all of it or nothing: account and quota, content,
// promise of money, rows. Knows no SQL; the rows are pins_store.c's and accounts_store.c's.
#include "pins.h"

#include <stdlib.h>
#include <string.h>

#include "accounts_store.h"
#include "base/clock.h"
#include "base/crash.h"
#include "contents.h"
#include "idempotency_store.h"
#include "pins_store.h"
#include "repin_store.h"

#define DROP_MAX 1000

struct w3p_pins {
    struct w3p_pins_conf conf;
};

// Owns copies of everything; lives from the submission to done().
struct pin_job {
    struct w3p_write write; // first: the store gives it back
    const struct w3p_pins_conf *conf;
    w3p_pins_done done;
    void *arg;
    const char *identity, *old_requestid, *cid_text, *name, *meta, *origins, *key; // in text; NULL: none
    uint8_t request32[32];
    struct w3p_cid cid;
    uint64_t size;
    char requestid[37]; // of the new pin
    int64_t now_ms, account_id, created_ms, content_id;
    enum w3p_content_state state;
    enum w3p_demand demand;
    bool sooner;        // the content may be ordered sooner than before
    struct w3p_pin pin; // what done() shows
    char text[];
};

static const char *const status_names[] = {
    [W3P_PIN_QUEUED] = "queued",
    [W3P_PIN_PINNING] = "pinning",
    [W3P_PIN_PINNED] = "pinned",
    [W3P_PIN_FAILED] = "failed",
};

const char *w3p_pin_status_name(enum w3p_pin_status status)
{
    return (unsigned)status <= W3P_PIN_FAILED ? status_names[status] : status_names[W3P_PIN_QUEUED];
}

int w3p_pin_status_parse(enum w3p_pin_status *out, const char *text, size_t len)
{
    for (size_t i = 0; i <= W3P_PIN_FAILED; i++)
        if (w3p_span_eq_str(W3P_SPAN(text, len), status_names[i])) {
            *out = (enum w3p_pin_status)i;
            return W3P_OK;
        }
    return W3P_E_INVALID;
}

void w3p_pin_deinit(struct w3p_pin *pin)
{
    free(pin->texts);
    *pin = (struct w3p_pin){.cid = NULL};
}

struct w3p_pins *w3p_pins_create(const struct w3p_pins_conf *conf)
{
    struct w3p_pins *pins = w3p_calloc(1, sizeof *pins);

    pins->conf = *conf;
    return pins;
}

void w3p_pins_destroy(struct w3p_pins *pins)
{
    free(pins);
}

// Promises the money for an order to come: what the day permits and what the account has left beside all other
// promises, with the margin that the engine sets aside. It counts for the account whose pin asks for it (0: the
// operator's second try, for nobody). A promise that was made for a smaller size, perhaps another one's, gives way. An
// estimate of 0 changes nothing: what it costs is not known yet, and the engine checks again when it signs.
static int promise(struct w3p_db *db, const struct w3p_pins_conf *conf, int64_t content_id, int64_t account_id,
                   enum w3p_demand demand, uint64_t size, int64_t now_ms)
{
    uint64_t planck = conf->estimate ? conf->estimate(conf->arg, size) : 0;
    uint64_t available = conf->available ? conf->available(conf->arg) : UINT64_MAX, total = 0;
    int err = W3P_OK;

    if (planck == 0 || demand == W3P_DEMAND_NONE || demand == W3P_DEMAND_LATER)
        return W3P_OK;
    if (demand == W3P_DEMAND_RAISED)
        err = w3p_content_unpromise(db, content_id);
    if (err == W3P_OK && account_id > 0)
        err = w3p_account_promise(db, account_id, w3p_clock_day(now_ms), planck, conf->account_planck_per_day);
    if (err == W3P_OK)
        err = w3p_content_promise(db, content_id, account_id, w3p_clock_day(now_ms), planck, conf->planck_per_day);
    if (err == W3P_OK && available != UINT64_MAX)
        err = w3p_promised_total(db, &total);
    return err == W3P_OK && total + total / 100 > available ? W3P_E_FUNDS : err;
}

// A new pin, and a replacement, in two steps: first its account and its content …
static int take_content(struct w3p_db *db, struct pin_job *job)
{
    bool raises = !job->conf->orderable || job->conf->orderable(job->conf->arg, job->size);

    job->now_ms = w3p_clock_wall_ms();
    int err =
        w3p_account_take(db, &job->account_id, &job->created_ms, job->identity, job->now_ms, job->conf->pins_per_day);
    if (err == W3P_OK)
        err = w3p_content_acquire(db, &job->content_id, &job->state, &job->demand, &job->cid, job->size, raises,
                                  job->now_ms);
    bool waits = job->conf->repin_wait_s > 0 && (job->old_requestid || w3p_repin_is_name(job->name));
    if (err == W3P_OK)
        err = w3p_repin_take(db, &job->sooner, job->content_id, job->state, job->demand, waits ? job->account_id : 0,
                             (int64_t)job->conf->repin_wait_s * 1000, job->now_ms);
    return err;
}

// … then the money, and its row.
static int keep_pin(struct w3p_db *db, struct pin_job *job)
{
    struct w3p_pin_row row = {.requestid = job->requestid,
                              .account_id = job->account_id,
                              .content_id = job->content_id,
                              .created_ms = job->created_ms,
                              .status = w3p_pins_status_of(job->state),
                              .cid = job->cid_text,
                              .name = job->name,
                              .meta = job->meta,
                              .origins = job->origins};

    int err = promise(db, job->conf, job->content_id, job->account_id, job->demand, job->size, job->now_ms);
    if (err == W3P_OK && job->demand == W3P_DEMAND_NEW)
        err = w3p_content_paid_for(db, job->content_id, job->account_id);
    W3P_CRASH_POINT(PIN_PROMISE_HALF);
    w3p_uuid7_set_time(job->requestid, job->created_ms); // by which w3p_pins_get finds it
    if (err == W3P_OK)
        err = w3p_pins_row_insert(db, &row);
    W3P_CRASH_POINT_IF(job->key != NULL, PIN_KEY_HALF);
    if (err == W3P_OK && job->key)
        err = w3p_idempotency_keep(db, job->account_id, job->key, job->request32, job->requestid, job->now_ms);
    if (err == W3P_OK)
        err = w3p_pins_get(db, &job->pin, job->account_id, job->requestid);
    return err;
}

static int remove_pin(struct w3p_db *db, const struct pin_job *job, int64_t *content_id)
{
    return w3p_pins_row_delete(db, content_id, job->identity, job->old_requestid);
}

static int add(struct w3p_db *db, struct pin_job *job)
{
    int err = take_content(db, job);
    if (err == W3P_OK)
        err = keep_pin(db, job);
    W3P_CRASH_POINT(PIN_ADD_WRITTEN);
    return err;
}

static int run_delete(struct w3p_write *self, struct w3p_db *db)
{
    int64_t content_id = 0;

    int err = remove_pin(db, (struct pin_job *)self, &content_id);
    if (err == W3P_OK)
        err = w3p_content_release(db, content_id);
    W3P_CRASH_POINT(PIN_DELETE_WRITTEN);
    return err;
}

// The old content is released behind the new one's taking: when they are the same, its order is neither cancelled nor
// placed twice. But before the money is counted: what was promised for the old one alone is there for the new one.
static int replace(struct w3p_db *db, struct pin_job *job)
{
    int64_t old_content_id = 0;

    int err = remove_pin(db, job, &old_content_id);
    W3P_CRASH_POINT(PIN_REPLACE_HALF);
    if (err == W3P_OK)
        err = take_content(db, job);
    if (err == W3P_OK)
        err = w3p_content_release(db, old_content_id);
    if (err == W3P_OK)
        err = keep_pin(db, job);
    W3P_CRASH_POINT(PIN_REPLACE_WRITTEN);
    return err;
}

// The pin that the job's key made already; W3P_E_NOTFOUND: there is none, and the job has to be done.
static int find_by_key(struct w3p_db *db, struct pin_job *job)
{
    int64_t account_id = job->key ? w3p_account_find(db, job->identity) : 0;
    char requestid[37];

    if (account_id <= 0)
        return account_id < 0 ? W3P_E_IO : W3P_E_NOTFOUND;
    int err = w3p_idempotency_find(db, requestid, account_id, job->key, job->request32, w3p_clock_wall_ms());
    if (err != W3P_OK)
        return err;
    err = w3p_pins_get(db, &job->pin, account_id, requestid);
    return err == W3P_E_NOTFOUND ? W3P_E_STATE : err;
}

// The key is looked at in the transaction that writes it: of two such requests at the same moment the second one finds
// what the first one made.
static int run_put(struct w3p_write *self, struct w3p_db *db)
{
    struct pin_job *job = (struct pin_job *)self;

    int err = find_by_key(db, job);
    if (err != W3P_E_NOTFOUND)
        return err;
    err = job->old_requestid ? replace(db, job) : add(db, job);
    // A constraint or a count that fails there is a fault of ours, and no answer for a client.
    return err == W3P_E_EXISTS || err == W3P_E_STATE ? W3P_E_INTERNAL : err;
}

static void job_done(struct w3p_write *self, int result)
{
    struct pin_job *job = (struct pin_job *)self;

    W3P_CRASH_POINT(PIN_STORED);
    if (result == W3P_OK && (job->demand == W3P_DEMAND_NEW || job->sooner) && job->conf->wake)
        job->conf->wake(job->conf->arg);
    job->done(job->arg, result, result == W3P_OK && job->pin.cid ? &job->pin : NULL);
    W3P_CRASH_POINT(PIN_ANSWER_HANDED_OVER);
    w3p_pin_deinit(&job->pin);
    free(job);
}

// Copies text behind the job and moves *room on.
static const char *keep(char **room, const char *text)
{
    if (!text)
        return NULL;
    size_t size = strlen(text) + 1;
    char *copy = memcpy(*room, text, size);
    *room += size;
    return copy;
}

static size_t room_for(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static int submit(struct w3p_pins *pins, const struct w3p_pin_spec *spec, const char *old_requestid,
                  int (*run)(struct w3p_write *, struct w3p_db *), w3p_pins_done done, void *arg)
{
    size_t room = room_for(spec->identity) + room_for(old_requestid) + room_for(spec->cid_text) + room_for(spec->name) +
                  room_for(spec->meta) + room_for(spec->origins) + room_for(spec->key);
    struct pin_job *job = w3p_calloc(1, sizeof *job + room);
    char *text = job->text;

    job->write.run = run;
    job->write.done = job_done;
    job->conf = &pins->conf;
    job->done = done;
    job->arg = arg;
    job->identity = keep(&text, spec->identity);
    job->old_requestid = keep(&text, old_requestid);
    job->cid_text = keep(&text, spec->cid_text);
    job->name = keep(&text, spec->name);
    job->meta = keep(&text, spec->meta);
    job->origins = keep(&text, spec->origins);
    job->key = keep(&text, spec->key);
    if (spec->key)
        memcpy(job->request32, spec->request32, sizeof job->request32);
    if (spec->cid) {
        job->cid = *spec->cid;
        job->size = spec->size ? spec->size : pins->conf.default_size;
        w3p_uuid7(job->requestid);
    }
    int err = w3p_store_write(pins->conf.store, &job->write);
    if (err != W3P_OK)
        free(job);
    return err;
}

int w3p_pins_add(struct w3p_pins *pins, const struct w3p_pin_spec *spec, w3p_pins_done done, void *arg)
{
    return submit(pins, spec, NULL, run_put, done, arg);
}

int w3p_pins_replace(struct w3p_pins *pins, const char *requestid, const struct w3p_pin_spec *spec, w3p_pins_done done,
                     void *arg)
{
    return submit(pins, spec, requestid, run_put, done, arg);
}

int w3p_pins_delete(struct w3p_pins *pins, const char *identity, const char *requestid, w3p_pins_done done, void *arg)
{
    struct w3p_pin_spec spec = {.identity = identity};

    return submit(pins, &spec, requestid, run_delete, done, arg);
}

struct retry_job {
    struct w3p_write write;
    const struct w3p_pins_conf *conf;
    int64_t content_id;
    enum w3p_requeue what;
};

static int run_retry(struct w3p_write *self, struct w3p_db *db)
{
    struct retry_job *job = (struct retry_job *)self;
    int64_t now_ms = w3p_clock_wall_ms();
    uint64_t size = 0;

    int err = w3p_content_requeue(db, &job->what, &size, job->content_id, now_ms);
    if (err == W3P_OK && job->what == W3P_REQUEUE_QUEUED)
        err = promise(db, job->conf, job->content_id, 0, W3P_DEMAND_NEW, size, now_ms);
    return err;
}

int w3p_pins_retry(struct w3p_pins *pins, enum w3p_requeue *what, int64_t content_id)
{
    struct retry_job job = {.write = {.run = run_retry}, .conf = &pins->conf, .content_id = content_id};

    int err = w3p_store_write_wait(pins->conf.store, &job.write);
    if (err != W3P_OK)
        return err;
    *what = job.what;
    if ((job.what == W3P_REQUEUE_QUEUED || job.what == W3P_REQUEUE_DUE) && pins->conf.wake)
        pins->conf.wake(pins->conf.arg);
    return W3P_OK;
}

struct drop_job {
    struct w3p_write write;
    const char *identity;
    int64_t content_id;
    uint64_t count;
};

static int run_drop(struct w3p_write *self, struct w3p_db *db)
{
    struct drop_job *job = (struct drop_job *)self;
    char requestid[37];
    int64_t content_id = 0;
    int err = W3P_OK;

    while (err == W3P_OK && job->count < DROP_MAX) {
        err = w3p_pin_of_content(db, requestid, job->identity, job->content_id);
        if (err == W3P_OK)
            err = w3p_pins_row_delete(db, &content_id, job->identity, requestid);
        if (err == W3P_OK)
            err = w3p_content_release(db, content_id);
        if (err == W3P_OK)
            job->count++;
    }
    return err == W3P_E_NOTFOUND ? W3P_OK : err;
}

int w3p_pins_drop(struct w3p_pins *pins, uint64_t *count, const char *identity, int64_t content_id)
{
    struct drop_job job = {.write = {.run = run_drop}, .identity = identity, .content_id = content_id};

    int err = w3p_store_write_wait(pins->conf.store, &job.write);
    if (err == W3P_OK)
        *count = job.count;
    return err;
}
