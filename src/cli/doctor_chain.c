// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the checks of doctor.h that ask nodes: each endpoint for itself, the clock, the market and the balance.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/admin.h"
#include "cli/doctor.h"
#include "crypto/secret.h"

#define TIMEOUT_MS 5000     // of one endpoint
#define CLOCK_AHEAD_MS 5000 // that a block may be younger than now
#define LAG_MAX 10          // finalized blocks behind the best of the others

struct seen {
    char host[160];
    bool fine;
    uint8_t genesis32[32];
    struct w3p_chain_head head;
};

// The scheme and the host: the path may hold a key of the provider's, and in front of the host there may be a password.
static void show_host(char *out, size_t size, const char *url)
{
    const char *scheme_end = strstr(url, "://");
    const char *host = scheme_end != NULL ? scheme_end + 3 : url;
    const char *at = memrchr(host, '@', strcspn(host, "/?#"));
    if (at != NULL)
        host = at + 1;
    (void)snprintf(out, size, "%.*s%.*s", scheme_end != NULL ? (int)(scheme_end + 3 - url) : 0, url,
                   (int)strcspn(host, "/?#"), host);
}

static int ask_one(struct seen *seen, struct w3p_errmsg *msg, const struct w3p_crust_settings *settings)
{
    struct w3p_chain *chain = NULL;
    struct w3p_chain_info info;
    int err = w3p_crust_create(&chain, msg, &(struct w3p_crust_conf){.settings = settings});
    if (err == W3P_OK)
        err = chain->ops->info(chain, msg, &info);
    if (err == W3P_OK)
        err = chain->ops->head(chain, msg, &seen->head);
    if (err == W3P_OK)
        memcpy(seen->genesis32, info.genesis32, 32);
    if (chain != NULL)
        chain->ops->destroy(chain);
    seen->fine = err == W3P_OK;
    return err;
}

static struct w3p_crust_settings short_timeouts(const struct w3p_doctor *d)
{
    struct w3p_crust_settings settings = d->settings.crust;
    if (settings.connect_timeout_ms > TIMEOUT_MS)
        settings.connect_timeout_ms = TIMEOUT_MS;
    if (settings.reply_timeout_ms > TIMEOUT_MS)
        settings.reply_timeout_ms = TIMEOUT_MS;
    return settings;
}

static uint64_t highest(const struct seen *seen, size_t count)
{
    uint64_t high = 0;
    for (size_t i = 0; i < count; ++i)
        if (seen[i].fine && seen[i].head.final_number > high)
            high = seen[i].head.final_number;
    return high;
}

static void judge(struct w3p_doctor *d, const struct seen *seen, size_t count)
{
    uint64_t high = highest(seen, count);
    const struct seen *first = NULL;
    for (size_t i = 0; i < count; ++i) {
        if (!seen[i].fine)
            continue;
        first = first != NULL ? first : &seen[i];
        unsigned long long final = seen[i].head.final_number;
        if (memcmp(first->genesis32, seen[i].genesis32, 32) != 0)
            w3p_doctor_find(d, W3P_HEALTH_FAIL, "endpoint", "%s is on another chain than %s: take it out", seen[i].host,
                            first->host);
        else if (seen[i].head.syncing)
            w3p_doctor_find(d, W3P_HEALTH_WARN, "endpoint", "%s is still syncing, finalized block %llu", seen[i].host,
                            final);
        else if (final + LAG_MAX < high)
            w3p_doctor_find(d, W3P_HEALTH_WARN, "endpoint", "%s is %llu finalized blocks behind the others",
                            seen[i].host, high - final);
        else
            w3p_doctor_find(d, W3P_HEALTH_OK, "endpoint", "%s, finalized block %llu", seen[i].host, final);
    }
}

// The newest finalized block's own time against ours.
static void check_clock(struct w3p_doctor *d, const struct seen *seen, size_t count)
{
    int64_t newest_ms = 0, limit_s = (int64_t)d->settings.engine.head_age_max_s;
    for (size_t i = 0; i < count; ++i)
        if (seen[i].fine && (int64_t)seen[i].head.final_time_ms > newest_ms)
            newest_ms = (int64_t)seen[i].head.final_time_ms;
    if (newest_ms == 0)
        return;
    int64_t age_ms = w3p_clock_wall_ms() - newest_ms;
    if (age_ms < -CLOCK_AHEAD_MS)
        w3p_doctor_find(d, W3P_HEALTH_WARN, "clock", "this machine is %lld s behind the chain's clock: set it (NTP)",
                        (long long)(-age_ms / 1000));
    else if (limit_s > 0 && age_ms > limit_s * 1000)
        w3p_doctor_find(d, W3P_HEALTH_FAIL, "clock",
                        "the newest finalized block is %lld s old, and nothing is signed above engine.head_age_max_s "
                        "(%lld): finality stands still, or this machine's clock is ahead (NTP)",
                        (long long)(age_ms / 1000), (long long)limit_s);
    else
        w3p_doctor_find(d, W3P_HEALTH_OK, "clock", "the newest finalized block is %lld s old",
                        (long long)(age_ms > 0 ? age_ms / 1000 : 0));
}

void w3p_doctor_endpoints(struct w3p_doctor *d)
{
    enum { MAX = 16 }; // more are refused at the gateway's start
    struct seen seen[MAX] = {{.fine = false}};
    struct w3p_crust_settings settings = short_timeouts(d);
    size_t count = 0;
    for (const char *at = d->settings.crust.endpoints; count < MAX; ++count) {
        struct w3p_errmsg msg;
        at += strspn(at, ", \t"); // the gateway passes over empty places, too
        size_t len = strcspn(at, ",");
        if (len == 0)
            break;
        settings.endpoints = w3p_strndup(at, len);
        show_host(seen[count].host, sizeof seen[count].host, settings.endpoints);
        int err = ask_one(&seen[count], &msg, &settings);
        if (err != W3P_OK)
            w3p_doctor_find(d, err == W3P_E_UNREACHABLE || err == W3P_E_TIMEOUT ? W3P_HEALTH_WARN : W3P_HEALTH_FAIL,
                            "endpoint", "%s: %s", seen[count].host, msg.text);
        free(settings.endpoints);
        at += len;
    }
    if (count == 0)
        w3p_doctor_find(d, W3P_HEALTH_FAIL, "endpoint", "none is named: set crust.endpoints");
    judge(d, seen, count);
    check_clock(d, seen, count);
}

static const char *const funds_advice[] = {"", "", ": send it some", ": not enough for one order, send it some"};

static void judge_money(struct w3p_doctor *d, struct w3p_money *money, const struct w3p_chain_info *info)
{
    const json_t *told = json_object_get(d->status, "money");
    char have[40], usd[W3P_USD_TEXT_MAX], runway[64] = "";
    uint64_t daily = 0;
    const char *daily_text = w3p_admin_text(told, "daily"), *reserved = w3p_admin_text(told, "reserved");
    if (w3p_u64_parse(&daily, daily_text, strlen(daily_text)) == W3P_OK)
        money->daily = daily;
    if (w3p_u128_parse(&money->reserved, reserved, strlen(reserved)) != W3P_OK)
        money->reserved = 0;
    w3p_money_judge(money, &d->settings.money, d->settings.engine.default_size);
    if (money->runway_days != W3P_RUNWAY_UNKNOWN)
        (void)snprintf(runway, sizeof runway, ", lasts about %llu days", (unsigned long long)money->runway_days);
    w3p_u128_format(have, money->terms.usable_balance);
    bool dollars = w3p_money_usd(usd, money->terms.usable_balance, info->token_decimals, d->settings.money.usd_micros);
    w3p_doctor_find(d,
                    money->funds == W3P_FUNDS_EMPTY ? W3P_HEALTH_FAIL
                    : money->funds == W3P_FUNDS_LOW ? W3P_HEALTH_WARN
                                                    : W3P_HEALTH_OK,
                    "balance", "%s has %s planck%s%s%s%s%s", info->address, have, dollars ? " (" : "", usd,
                    dollars ? " USD)" : "", runway, funds_advice[money->funds]);
    if (!money->terms.market_open)
        w3p_doctor_find(d, W3P_HEALTH_WARN, "market", "takes no orders now (switched off on chain): pins wait");
}

// By all endpoints together, as the gateway does it.
void w3p_doctor_balance(struct w3p_doctor *d)
{
    struct w3p_crust_settings settings = short_timeouts(d);
    struct w3p_money money = {.priced = true, .known = true};
    struct w3p_chain_head head;
    struct w3p_chain_info info;
    struct w3p_chain *chain = NULL;
    struct w3p_errmsg msg;
    if (d->key == NULL)
        return;
    struct w3p_crust_conf conf = {.settings = &settings, .key = d->key};
    d->key = NULL; // the chain wipes it
    int err = w3p_crust_create(&chain, &msg, &conf);
    if (err == W3P_OK)
        err = chain->ops->info(chain, &msg, &info);
    if (err == W3P_OK)
        err = chain->ops->head(chain, &msg, &head);
    if (err == W3P_OK)
        err = chain->ops->terms(chain, &msg, &money.terms, head.final_hash32);
    if (err == W3P_OK)
        judge_money(d, &money, &info);
    else
        w3p_doctor_find(d, W3P_HEALTH_FAIL, "chain", "%s", msg.text);
    if (chain != NULL)
        chain->ops->destroy(chain);
}
