// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the development chain's store of versions: old values, rollback, the horizon; and the bound of kept blocks.
#include "crypto/hash.h"
#include "devnet/core.h"
#include "devnet_test.h"

static struct w3p_span text(const char *words)
{
    return w3p_span_str(words);
}

static bool holds(const struct devnet_state *state, const char *key, uint64_t at, const char *want)
{
    struct w3p_span value;
    bool found = w3p_devnet_get_at(state, &value, text(key), at);
    return want == NULL ? !found : found && w3p_span_eq_str(value, want);
}

Test(devnet_state, versions_by_block)
{
    struct devnet_state state;
    w3p_devnet_state_init(&state);
    w3p_devnet_put(&state, text("a"), text("zero"));
    w3p_devnet_state_next(&state, 1);
    w3p_devnet_put(&state, text("a"), text("one"));
    w3p_devnet_put(&state, text("a"), text("uno"));
    w3p_devnet_put(&state, text("b"), text(""));
    w3p_devnet_state_next(&state, 3);
    w3p_devnet_delete(&state, text("a"));
    cr_assert(holds(&state, "a", 0, "zero") && holds(&state, "a", 1, "uno") && holds(&state, "a", 2, "uno"));
    cr_assert(holds(&state, "a", 3, NULL) && holds(&state, "a", UINT64_MAX, NULL));
    cr_assert(holds(&state, "b", 0, NULL) && holds(&state, "b", 1, ""), "an empty value is a value");
    cr_assert(holds(&state, "c", 3, NULL));
    w3p_devnet_state_deinit(&state);
}

Test(devnet_state, rollback_takes_back_to_the_mark)
{
    struct devnet_state state;
    w3p_devnet_state_init(&state);
    w3p_devnet_put(&state, text("old"), text("0"));
    w3p_devnet_state_next(&state, 1);
    w3p_devnet_put(&state, text("kept"), text("1"));
    size_t bytes = state.bytes, outer = w3p_devnet_mark(&state);
    w3p_devnet_put(&state, text("kept"), text("two"));
    size_t inner = w3p_devnet_mark(&state);
    w3p_devnet_delete(&state, text("old"));
    w3p_devnet_put(&state, text("new"), text("3"));
    w3p_devnet_rollback(&state, inner);
    cr_assert(holds(&state, "old", 1, "0") && holds(&state, "new", 1, NULL) && holds(&state, "kept", 1, "two"));
    w3p_devnet_put(&state, text("old"), text("x"));
    w3p_devnet_rollback(&state, outer);
    cr_assert(holds(&state, "kept", 1, "1") && holds(&state, "old", 1, "0"));
    cr_assert(state.bytes >= bytes && state.bytes < bytes + 200, "the key of `new` stays, its value does not");
    w3p_devnet_state_deinit(&state);
}

Test(devnet_state, history_is_bounded, .timeout = 30)
{
    struct devnet_state state;
    uint8_t value[1000] = {0};
    w3p_devnet_state_init(&state);
    for (uint64_t number = 1; number <= 3 * DEVNET_HISTORY_BLOCKS; number++) {
        w3p_devnet_state_next(&state, number);
        memcpy(value, &number, sizeof number);
        w3p_devnet_put(&state, text("often"), W3P_SPAN(value, sizeof value));
        if (number == 1)
            w3p_devnet_put(&state, text("once"), text("1"));
    }
    cr_assert(state.horizon == 2 * DEVNET_HISTORY_BLOCKS);
    cr_assert(state.bytes < (DEVNET_HISTORY_BLOCKS + 8) * sizeof value);
    cr_assert(holds(&state, "once", state.horizon, "1"), "what was written once stays");
    struct w3p_span got;
    cr_assert(w3p_devnet_get_at(&state, &got, text("often"), state.horizon));
    cr_assert(memcmp(got.ptr, &state.horizon, sizeof state.horizon) == 0);
    w3p_devnet_state_deinit(&state);
}

Test(devnet_state, writing_from_outside_keeps_nothing_to_undo)
{
    static const char request[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dev_setStorage\",\"params\":[[[\"0x01\","
                                  "\"0x02\"],[\"0x01\",\"0x03\"]]]}";
    struct w3p_devnet *net = NULL;
    struct w3p_buf reply;
    struct w3p_span got;
    cr_assert(w3p_devnet_create(&net, NULL, &(struct w3p_devnet_conf){0}) == W3P_OK);
    w3p_buf_init(&reply, 10000);
    w3p_devnet_handle(net, &reply, request, strlen(request));
    cr_assert(strstr(w3p_buf_str(&reply), "\"result\"") != NULL, "%s", w3p_buf_str(&reply));
    cr_assert(w3p_devnet_get(&net->state, &got, text("\1")) && w3p_span_eq_str(got, "\3"));
    cr_assert(net->state.undo_count == 0);
    w3p_buf_deinit(&reply);
    w3p_devnet_destroy(net);
}

Test(devnet_state, many_keys, .timeout = 30)
{
    struct devnet_state state;
    char key[32];
    w3p_devnet_state_init(&state);
    for (unsigned i = 0; i < 5000; i++) {
        (void)snprintf(key, sizeof key, "key %u", i);
        w3p_devnet_put(&state, text(key), text(key));
    }
    for (unsigned i = 0; i < 5000; i++) {
        (void)snprintf(key, sizeof key, "key %u", i);
        cr_assert(holds(&state, key, 0, key));
    }
    cr_assert(state.key_count == 5000);
    w3p_devnet_state_deinit(&state);
}

Test(devnet_state, kept_blocks_are_bounded, .timeout = 60)
{
    struct devnet_blocks blocks;
    uint8_t root32[32] = {0};
    w3p_devnet_blocks_init(&blocks);
    for (unsigned i = 0; i <= DEVNET_BLOCKS_MAX + 50; i++) {
        struct devnet_bytes *xts = w3p_calloc(1, sizeof *xts);
        *xts = (struct devnet_bytes){w3p_memdup("xt", 2), 2};
        w3p_devnet_blocks_push(&blocks, root32, xts, 1);
    }
    cr_assert(blocks.best == DEVNET_BLOCKS_MAX + 50);
    cr_assert(blocks.first == 51);
    cr_assert(blocks.bytes == 2 * DEVNET_BLOCKS_MAX);
    cr_assert(blocks.genesis.number == 0 && blocks.genesis.xt_count == 1, "the first block stays");
    w3p_devnet_blocks_deinit(&blocks);
}

Test(devnet_state, parts_in_a_billion_round_to_the_nearest)
{
    cr_assert(w3p_devnet_perbill(100000000, 1815000) == 181500);
    cr_assert(w3p_devnet_perbill(720000000, 1009950) == 727164);
    cr_assert(w3p_devnet_perbill(500000000, 1) == 0, "half goes down");
    cr_assert(w3p_devnet_perbill(500000001, 1) == 1);
    cr_assert(w3p_devnet_perbill(1000000000, ~(w3p_u128)0 / 2) == ~(w3p_u128)0 / 2);
}
