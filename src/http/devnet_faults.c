// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see devnet_faults.h. What breaks a protocol is written to the socket past h2o, whose own queue is empty at
// that moment: a request is answered once, and a client of a WebSocket that is cut has asked for nothing else.
#include "http/devnet_faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "http/devnet_ws.h"

enum { CUT_MAX = 16384, PIECE = 16 };

struct fate {
    struct w3p_call *call;            // one of the two
    struct w3p_devnet_client *client; //
    struct w3p_devnet_effect effect;
    struct w3p_buf text; // owned
    size_t sent;         // of an endless answer
};
struct w3p_devnet_fate_wait {
    struct w3p_devnet_fate_wait *prev, *next;
    struct w3p_devnet_fates *fates;
    struct fate fate;
    int64_t due_ms;
    struct w3p_devnet_fate_wait **note; // in the pool of the call's request, which says when that goes
};

static void on_tick(h2o_timeout_entry_t *entry);

void w3p_devnet_fates_init(struct w3p_devnet_fates *fates, struct w3p_loop *loop)
{
    *fates = (struct w3p_devnet_fates){.loop = loop};
    fates->entry.cb = on_tick;
    h2o_timeout_init(loop->evloop, &fates->timeout, W3P_DEVNET_TICK_MS);
}

// Sockets ------------------------------------------------------------------------------------------------------------

static int fd_of(const struct fate *fate)
{
    return fate->call != NULL ? h2o_socket_get_fd(w3p_conn_of(fate->call->req)->sock)
                              : w3p_devnet_client_fd(fate->client);
}

// False: the peer has gone.
static bool put_raw(const struct fate *fate, const void *bytes, size_t len)
{
    ssize_t n = send(fd_of(fate), bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    return n >= 0 || errno == EAGAIN || errno == EINTR;
}

static void hang_up(const struct fate *fate, bool reset)
{
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    if (reset) // disconnecting a TCP socket resets its peer at once; h2o keeps the descriptor
        (void)connect(fd_of(fate), &nowhere, sizeof nowhere);
    else
        (void)shutdown(fd_of(fate), SHUT_RDWR);
    if (fate->call != NULL) // h2o finds out when it writes
        w3p_reply_json(fate->call, 200, "", 0);
}

// Half of the answer behind a head that promises all of it.
static void put_half(const struct fate *fate)
{
    struct w3p_buf head;
    size_t len = fate->text.len, half = len / 2 < CUT_MAX ? len / 2 : CUT_MAX;
    w3p_buf_init(&head, CUT_MAX + 256);
    if (fate->call != NULL) {
        w3p_buf_printf(&head, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", len);
    } else {
        w3p_buf_put_u8(&head, 0x81); // a text frame, the last of its message
        w3p_buf_put_u8(&head, 127);
        for (int shift = 56; shift >= 0; shift -= 8)
            w3p_buf_put_u8(&head, (uint8_t)(len >> shift));
    }
    w3p_buf_put(&head, fate->text.ptr, half);
    (void)put_raw(fate, head.ptr, head.len);
    w3p_buf_deinit(&head);
}

// One piece of an answer that never ends: a chunk, or a fragment. False: it is over.
static bool put_piece(struct fate *fate)
{
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    char bytes[160];
    bool first = fate->sent == 0;
    int len = fate->call != NULL
                  ? snprintf(bytes, sizeof bytes, "%s%x\r\n%*s\r\n", first ? head : "", PIECE, PIECE, first ? "{" : " ")
                  : snprintf(bytes, sizeof bytes, "%c%c%*s", first ? 1 : 0, PIECE, PIECE, first ? "{" : " ");
    fate->sent += PIECE;
    return fate->sent < W3P_DEVNET_ENDLESS_MAX && put_raw(fate, bytes, (size_t)len);
}

static void send_text(const struct fate *fate)
{
    struct w3p_buf both;
    if (fate->client != NULL) {
        for (unsigned i = 0; i < (fate->effect.twice ? 2u : 1u); i++)
            w3p_devnet_client_queue(fate->client, &fate->text);
        return;
    }
    w3p_buf_init(&both, 2 * fate->text.len + 1);
    for (unsigned i = 0; i < (fate->effect.twice ? 2u : 1u); i++)
        w3p_buf_put(&both, fate->text.ptr, fate->text.len);
    w3p_reply_json(fate->call, 200, w3p_buf_str(&both), both.len);
    w3p_buf_deinit(&both);
}

static void meet(struct fate *fate)
{
    if (fate->effect.fate == W3P_DEVNET_SEND) {
        send_text(fate);
    } else if (fate->effect.fate == W3P_DEVNET_CLOSE && fate->client != NULL) {
        w3p_devnet_client_close(fate->client);
    } else {
        if (fate->effect.fate == W3P_DEVNET_CUT)
            put_half(fate);
        hang_up(fate, fate->effect.fate == W3P_DEVNET_RESET);
    }
    w3p_buf_deinit(&fate->text);
}

// Waiting ------------------------------------------------------------------------------------------------------------

// The fate leaves the list; its text is the caller's.
static struct fate wait_end(struct w3p_devnet_fate_wait *wait)
{
    struct fate fate = wait->fate;
    if (wait->prev != NULL)
        wait->prev->next = wait->next;
    else
        wait->fates->first = wait->next;
    if (wait->next != NULL)
        wait->next->prev = wait->prev;
    if (wait->note != NULL)
        *wait->note = NULL;
    free(wait);
    return fate;
}

static void wait_drop(struct w3p_devnet_fate_wait *wait)
{
    struct fate fate = wait_end(wait);
    w3p_buf_deinit(&fate.text);
}

static void on_request_gone(void *note)
{
    struct w3p_devnet_fate_wait *wait = *(struct w3p_devnet_fate_wait **)note;
    if (wait != NULL)
        wait_drop(wait);
}

static void wait_begin(struct w3p_devnet_fates *fates, const struct fate *fate)
{
    struct w3p_devnet_fate_wait *wait = w3p_calloc(1, sizeof *wait);
    *wait = (struct w3p_devnet_fate_wait){
        .fates = fates, .fate = *fate, .due_ms = w3p_clock_mono_ms() + fate->effect.delay_ms, .next = fates->first};
    if (fates->first != NULL)
        fates->first->prev = wait;
    fates->first = wait;
    if (fate->call != NULL) {
        fate->call->state = W3P_CALL_WAITING;
        wait->note = h2o_mem_alloc_shared(&fate->call->req->pool, sizeof(void *), on_request_gone);
        *wait->note = wait;
    }
    if (!h2o_timeout_is_linked(&fates->entry))
        h2o_timeout_link(fates->loop->evloop, &fates->timeout, &fates->entry);
}

static void begin(struct w3p_devnet_fates *fates, struct fate *fate)
{
    if (fate->effect.delay_ms > 0 || fate->effect.fate == W3P_DEVNET_ENDLESS)
        wait_begin(fates, fate);
    else
        meet(fate);
}

static struct w3p_devnet_fate_wait *first_due(const struct w3p_devnet_fates *fates, int64_t now_ms)
{
    struct w3p_devnet_fate_wait *wait = fates->first;
    while (wait != NULL && wait->due_ms > now_ms)
        wait = wait->next;
    return wait;
}

static void on_tick(h2o_timeout_entry_t *entry)
{
    struct w3p_devnet_fates *fates = H2O_STRUCT_FROM_MEMBER(struct w3p_devnet_fates, entry, entry);
    int64_t now_ms = w3p_clock_mono_ms();
    struct w3p_devnet_fate_wait *wait;
    while ((wait = first_due(fates, now_ms)) != NULL) {
        bool endless = wait->fate.effect.fate == W3P_DEVNET_ENDLESS;
        if (endless && put_piece(&wait->fate)) {
            wait->due_ms = now_ms + 1 + wait->fate.effect.piece_ms;
            continue;
        }
        // answering may end requests and clients, and what waits for them: nothing of the list is held on to
        struct fate fate = wait_end(wait);
        if (endless)
            fate.effect.fate = W3P_DEVNET_LOSE;
        meet(&fate);
        if (fate.client != NULL)
            w3p_devnet_client_proceed(fate.client);
    }
    if (fates->first != NULL && !h2o_timeout_is_linked(&fates->entry))
        h2o_timeout_link(fates->loop->evloop, &fates->timeout, &fates->entry);
}

void w3p_devnet_fates_stop(struct w3p_devnet_fates *fates)
{
    for (struct w3p_devnet_fate_wait *wait = fates->first; wait != NULL; wait = wait->next) {
        wait->due_ms = 0;
        wait->fate.effect.fate = W3P_DEVNET_LOSE;
    }
}

void w3p_devnet_fates_deinit(struct w3p_devnet_fates *fates)
{
    while (fates->first != NULL)
        wait_drop(fates->first);
    h2o_timeout_unlink(&fates->entry);
    h2o_timeout_dispose(fates->loop->evloop, &fates->timeout);
}

void w3p_devnet_fate_post(struct w3p_devnet_fates *fates, struct w3p_call *call, const struct w3p_devnet_effect *effect,
                          struct w3p_buf *text)
{
    struct fate fate = {.call = call, .effect = *effect, .text = *text};
    *text = (struct w3p_buf){0};
    begin(fates, &fate);
}

void w3p_devnet_fate_ws(struct w3p_devnet_fates *fates, struct w3p_devnet_client *client,
                        const struct w3p_devnet_effect *effect, struct w3p_buf *text)
{
    struct fate fate = {.client = client, .effect = *effect, .text = *text};
    *text = (struct w3p_buf){0};
    begin(fates, &fate);
}

void w3p_devnet_fate_forget(struct w3p_devnet_fates *fates, const struct w3p_devnet_client *client)
{
    for (struct w3p_devnet_fate_wait *wait = fates->first, *next; wait != NULL; wait = next) {
        next = wait->next;
        if (wait->fate.client == client)
            wait_drop(wait);
    }
}
