// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the engine on its own thread: it works without being stepped, a wake shortens the wait, and it stops at once
// whatever it is doing.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <time.h>

#include "base/clock.h"
#include "engine_rig.h"

static struct rig rig;

static void setup(void)
{
    rig_open(&rig);
    // The thread reads the clock: the real one, and a chain whose blocks are from now.
    w3p_clock_fake(NULL);
    rig.now_ms = w3p_clock_wall_ms() - 18000;
    fake_mine(&rig.fake, 3);
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(engine_thread, .init = setup, .fini = teardown, .timeout = 60);

static void nap(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};

    (void)nanosleep(&t, NULL);
}

static bool reaches(int64_t id, enum w3p_content_state state, int64_t within_ms)
{
    int64_t end = w3p_clock_mono_ms() + within_ms;

    while (rig_state(&rig, id) != state) {
        if (w3p_clock_mono_ms() > end)
            return false;
        nap(5);
    }
    return true;
}

Test(engine_thread, starts_works_and_stops)
{
    int64_t id, begin;

    cr_assert(eq(int, w3p_engine_start(rig.engine), W3P_OK));
    cr_assert(eq(int, w3p_engine_start(rig.engine), W3P_E_STATE));
    id = rig_pin(&rig, 1, RIG_MIB);
    cr_assert(reaches(id, W3P_CONTENT_SUBMITTED, 5000));
    begin = w3p_clock_mono_ms();
    w3p_engine_stop(rig.engine);
    cr_assert(lt(i64, w3p_clock_mono_ms() - begin, 1000));
    w3p_engine_stop(rig.engine); // twice is once
}

Test(engine_thread, a_wake_does_not_wait_for_the_poll)
{
    int64_t id;

    rig.settings.poll_ms = 60000;
    rig_apply_settings(&rig);
    cr_assert(eq(int, w3p_engine_start(rig.engine), W3P_OK));
    nap(200); // the first tick is over
    id = rig_pin(&rig, 1, RIG_MIB);
    for (int i = 0; i < 1000; i++)
        w3p_engine_wake(rig.engine);
    cr_assert(reaches(id, W3P_CONTENT_SUBMITTED, 5000));
    w3p_engine_stop(rig.engine);
}

// Every request wakes the engine; the node must not feel each of them.
Test(engine_thread, a_flood_of_wakes_is_a_few_ticks)
{
    rig.settings.poll_ms = 60000;
    rig_apply_settings(&rig);
    cr_assert(eq(int, w3p_engine_start(rig.engine), W3P_OK));
    for (int i = 0; i < 100; i++) {
        w3p_engine_wake(rig.engine);
        nap(10);
    }
    w3p_engine_stop(rig.engine);
    cr_assert(le(uint, rig.fake.heads, 8u));
    cr_assert(ge(uint, rig.fake.heads, 2u));
}

Test(engine_thread, a_chain_that_is_down_is_backed_off_from)
{
    rig.fake.down = W3P_E_UNREACHABLE;
    cr_assert(eq(int, w3p_engine_start(rig.engine), W3P_OK));
    for (int i = 0; i < 100; i++) {
        w3p_engine_wake(rig.engine);
        nap(5);
    }
    cr_assert(eq(int, (int)rig_snapshot(&rig).chain, W3P_CHAIN_UNREACHABLE));
    w3p_engine_stop(rig.engine);
    cr_assert(le(u32, rig.engine->failures, 8)); // 50 ms, 100, 200 …: not once per wake
}

Test(engine_thread, never_started)
{
    w3p_engine_stop(rig.engine);
    w3p_engine_wake(rig.engine);
    cr_assert(eq(int, (int)rig_snapshot(&rig).chain, W3P_CHAIN_STARTING));
}
