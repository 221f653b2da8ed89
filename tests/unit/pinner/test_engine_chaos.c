// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: everything at once, by chance but repeatably: lost and false answers, kills, forks, halts, a forgetful pool,
// heads and births that are lies, entries that cannot be read, a foreign signer, failing orders, pins that come and go.
// Whatever happens, no content is paid for while its entry lives, and once the chain behaves again everything wanted
// ends in a good state.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

#include "engine_rig.h"

#define SEEDS 48 // every second one with several orders in a transaction
#define CONTENTS 16
#define STEPS 250

static struct rig rig;
static uint64_t random_state;

static void setup(void)
{
    rig_open(&rig);
}

static void teardown(void)
{
    rig_close(&rig); // asserts that nothing was ordered twice
}

TestSuite(engine_chaos, .init = setup, .fini = teardown, .timeout = 120);

static unsigned below(unsigned n) // xorshift
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % n;
}

static void pin_or_unpin(int64_t ids[CONTENTS], unsigned pins[CONTENTS])
{
    unsigned n = below(CONTENTS);

    if (pins[n] > 0 && below(3) == 0) {
        rig_unpin(&rig, ids[n]);
        pins[n]--;
    } else {
        ids[n] = rig_pin(&rig, n, RIG_MIB);
        pins[n]++;
    }
}

static void misbehave(void)
{
    struct fake_chain *fake = &rig.fake;

    switch (below(17)) {
    case 0:
    case 1:
        fake->script_at = fake->script_len = 0;
        for (unsigned i = below(5); i > 0; i--)
            fake_script(fake, (int)below(FAKE_ANSWER + W3P_SUBMIT_UNCLEAR + 1));
        break;
    case 2:
        rig_restart(&rig);
        break;
    case 3:
        if (fake->best - fake->final >= 2)
            fake_retract(fake, 1 + below(2), below(2) == 0);
        break;
    case 4:
        fake->drop = below(3) == 0;
        break;
    case 5:
        fake->hold = below(3) == 0;
        break;
    case 6:
        fake->down = below(3) == 0 ? W3P_E_TIMEOUT : W3P_OK;
        break;
    case 7:
        fake->finality_halted = below(4) == 0;
        break;
    case 8:
        if (fake->pool_count < 8 && below(4) == 0)
            fake_foreign(fake);
        break;
    case 9:
        fake->fail_orders = below(3) == 0 ? 1 : 0;
        fake->fail_cid = below(3) == 0 ? rig_cid(below(8)) : NULL;
        break;
    case 10:
        fake->outcomes_pruned = below(3) == 0;
        break;
    case 11:
        fake->terms.market_open = below(4) != 0;
        break;
    case 12:
        fake->false_final = below(3) == 0 ? (uint64_t)W3P_HEAD_JUMP_MAX * (100 + below(1000000)) : 0;
        break;
    case 13:
        fake->birth_shift = below(3) == 0 ? 1 + below(5) : 0;
        break;
    case 14:
        fake->poison = below(3) == 0 ? rig_cid(below(CONTENTS)) : NULL;
        break;
    case 15:
        fake->info_err = below(4) == 0 ? W3P_E_STATE : W3P_OK;
        fake->unsignable = below(4) == 0 ? rig_cid(below(8)) : NULL;
        fake->refuse_batches = below(8) == 0;
        break;
    case 16:
        fake->false_price = below(3) == 0 ? ~(w3p_u128)0 >> below(128) : 0;
        break;
    }
}

static void behave(void)
{
    struct fake_chain *fake = &rig.fake;

    fake->script_at = fake->script_len = 0;
    fake->drop = fake->hold = fake->finality_halted = fake->outcomes_pruned = false;
    fake->down = fake->info_err = W3P_OK;
    fake->false_final = fake->birth_shift = 0;
    fake->poison = NULL;
    fake->false_price = 0;
    fake->fail_orders = 0;
    fake->fail_cid = fake->unsignable = NULL;
    fake->refuse_batches = false;
    fake->terms.market_open = true;
}

ParameterizedTestParameters(engine_chaos, never_twice)
{
    static int seeds[SEEDS];

    for (int i = 0; i < SEEDS; i++)
        seeds[i] = i;
    return cr_make_param_array(int, seeds, SEEDS);
}

ParameterizedTest(int *seed, engine_chaos, never_twice)
{
    int64_t ids[CONTENTS] = {0};
    unsigned pins[CONTENTS] = {0};

    random_state = 0x9e3779b97f4a7c15u * ((unsigned)*seed + 1);
    rig.settings.max_attempts = 100;
    rig.settings.batch_max = *seed % 2 == 0 ? 1 : 2 + (unsigned)*seed % 7;
    rig_apply_settings(&rig);
    for (unsigned i = 0; i < STEPS; i++) {
        if (below(3) == 0)
            pin_or_unpin(ids, pins);
        if (below(2) == 0)
            misbehave();
        fake_mine(&rig.fake, below(3));
        (void)w3p_engine_step(rig.engine);
        cr_assert(rig.fake.double_orders == 0, "seed %d, step %u", *seed, i);
    }
    behave();
    for (unsigned i = 0; i < 400; i++) {
        fake_mine(&rig.fake, 1);
        if (i % 2 == 0)
            rig_wait_ms(&rig, 30000); // retries wait up to an hour
        (void)w3p_engine_step(rig.engine);
    }
    for (unsigned n = 0; n < CONTENTS; n++) {
        enum w3p_content_state state = pins[n] > 0 ? rig_state(&rig, ids[n]) : W3P_CONTENT_FINAL;

        cr_assert(state == W3P_CONTENT_FINAL, "seed %d: content %u is %s (%s)", *seed, n,
                  w3p_content_state_words(state), rig_waiting(&rig));
    }
    cr_assert(eq(i64, rig_number(&rig, "SELECT count(*) FROM orders WHERE state IN (1, 2, 3)"), 0));
    // The chain and the books agree on what was ordered.
    cr_assert(eq(i64, rig_number(&rig, "SELECT count(*) FROM orders WHERE state = 4"), (int64_t)rig.fake.orders_ok));
}
