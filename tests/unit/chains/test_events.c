// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: event records of the real runtime, every argument type, what ends a walk, and the verdict on an order.
#include "unit/chains/chain_test.h"

#include <criterion/parameterized.h>

#include "crust/crust_internal.h"
#include "substrate/events.h"

TestSuite(events, .timeout = 20);

#define ACCOUNT "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"
#define OTHER "8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48"
#define CID "QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM"
#define CID_HEX "b8516d5971436863526e34566635794e5254587252725159466b456b58545844586e703474485663526b4c3267664d"
// vectors of the real runtime
#define FAILED "00 01000000 0001 03 14 04 c048f2b300000000 00 00 00"
#define SUCCESS "00 01000000 0000 c048f2b300000000 00 00 00"
#define FILE_SUCCESS "00 01000000 1400 " ACCOUNT CID_HEX "00"
#define BATCH_INTERRUPTED "00 01000000 1100 01000000 031401 00"
#define TRANSFER(from, amount) "00 01000000 0502 " from OTHER amount "000000000000000000000000 00"

static int walk(const struct w3p_metadata *md, const char *hex, unsigned *seen)
{
    struct test_bytes bytes = test_hex(hex);
    struct w3p_events events;
    struct w3p_event ev;
    *seen = 0;
    w3p_events_init(&events, md, bytes.ptr, bytes.len);
    while (w3p_events_next(&events, &ev))
        (*seen)++;
    free(bytes.ptr);
    return events.reader.err;
}

static const struct {
    const char *name, *hex;
    int err;
    unsigned seen;
} walks[] = {
    {"nothing", "", W3P_E_INVALID, 0},
    {"trailing byte", "00 00", W3P_E_INVALID, 0},
    {"more records than bytes", "08" SUCCESS, W3P_E_INVALID, 1},
    {"absurd count", "fe ffff ff" SUCCESS, W3P_E_LIMIT, 0},
    {"bad phase", "04 03 0002 00", W3P_E_INVALID, 0},
    {"no such pallet", "04 02 ff00 00", W3P_E_UNSUPPORTED, 0},
    {"no such event", "04 02 00ff 00", W3P_E_UNSUPPORTED, 0},
    {"cut in an argument", "04 00 01000000 0000 c048", W3P_E_INVALID, 0},
    {"cut in topics", "04 02 0002 04 1111", W3P_E_INVALID, 0},
    {"unknown dispatch error", "04 00 01000000 0001 09 c048f2b300000000 00 00 00", W3P_E_INVALID, 0},
    {"no records", "00", W3P_OK, 0},
    {"failed", "04" FAILED, W3P_OK, 1},
    {"success", "04" SUCCESS, W3P_OK, 1},
    {"order", "08" FILE_SUCCESS SUCCESS, W3P_OK, 2},
    {"batch", "08" BATCH_INTERRUPTED SUCCESS, W3P_OK, 2},
    {"topics", "04 02 0002 04 1111111111111111111111111111111111111111111111111111111111111111", W3P_OK, 1},
};

ParameterizedTestParameters(events, walk)
{
    static int index[sizeof(walks) / sizeof(walks[0])];
    for (int i = 0; i < (int)(sizeof(walks) / sizeof(walks[0])); i++)
        index[i] = i;
    return cr_make_param_array(int, index, sizeof(walks) / sizeof(walks[0]));
}

ParameterizedTest(int *i, events, walk)
{
    struct w3p_metadata *md = test_rocky();
    unsigned seen = 0;
    int err = walk(md, walks[*i].hex, &seen);
    cr_expect(walks[*i].err == W3P_E_INVALID || walks[*i].err == W3P_E_LIMIT
                  ? err == W3P_E_INVALID || err == W3P_E_LIMIT
                  : err == walks[*i].err,
              "%s: %d", walks[*i].name, err);
    cr_expect(eq(uint, seen, walks[*i].seen), "%s", walks[*i].name);
    w3p_metadata_destroy(md);
}

static const struct {
    const char *type, *hex;
    int err; // of skipping exactly these bytes
} types[] = {
    {"AccountId", ACCOUNT, W3P_OK},
    {"T::AccountId", ACCOUNT, W3P_OK},
    {"<T as frame_system::Trait>::AccountId", ACCOUNT, W3P_OK},
    {"<T as Config<I>>::Hash", ACCOUNT, W3P_OK},
    {"Balance", "01000000000000000000000000000000", W3P_OK},
    {"BalanceOf<T>", "01000000000000000000000000000000", W3P_OK},
    {"EthereumAddress", "1111111111111111111111111111111111111111", W3P_OK},
    {"Timepoint<BlockNumber>", "0100000002000000", W3P_OK},
    {"TaskAddress<BlockNumber>", "0100000002000000", W3P_OK},
    {"PhantomData<T>", "", W3P_OK},
    {"sp_std::marker::PhantomData<(AccountId, Event)>", "", W3P_OK},
    {"Vec<u8>", "0c616263", W3P_OK},
    {"MerkleRoot", "0c616263", W3P_OK},
    {"Option<Vec<u8>>", "00", W3P_OK},
    {"Option<Vec<u8>>", "01 0c616263", W3P_OK},
    {"Option<Vec<u8>>", "02 0c616263", W3P_E_INVALID},
    {"ValidatorPrefs", "0284d717", W3P_OK},
    {"AuthorityList", "04" ACCOUNT "0100000000000000", W3P_OK},
    {"Vec<AccountId>", "08" ACCOUNT OTHER, W3P_OK},
    {"Vec<(AccountId, Balance)>", "04" ACCOUNT "01000000000000000000000000000000", W3P_OK},
    {"Vec<IdentificationTuple>", "04" ACCOUNT "04 08 04" OTHER "0c", W3P_OK},
    {"DispatchResult", "00", W3P_OK},
    {"DispatchResult", "01 031401", W3P_OK},
    {"DispatchResult", "01 02", W3P_OK},
    {"DispatchResult", "02", W3P_E_INVALID},
    {"DispatchError", "0602", W3P_OK},
    {"DispatchError", "0609", W3P_E_INVALID},
    {"DispatchInfo", "c048f2b300000000 00 00", W3P_OK},
    {"(u8, (u32,bool))", "0102000000 01", W3P_OK},
    {"Box<u64>", "0100000000000000", W3P_OK},
    {"Compact<Balance>", "02093d00", W3P_OK},
    {"Vec<PhantomData<T>>", "08", W3P_E_INVALID}, // two elements cannot be in no bytes
    {"Vec<()>", "00", W3P_OK},
    {"Vec<AccountId>", "08" ACCOUNT, W3P_E_INVALID},
    {"", "", W3P_E_UNSUPPORTED},
    {"Mystery", "00", W3P_E_UNSUPPORTED},
    {"Vec<Mystery>", "0400", W3P_E_UNSUPPORTED},
    {"Vec<u8", "0400", W3P_E_UNSUPPORTED},
    {"Option<Option<Option<Option<Option<Option<Option<Option<Option<Option<Option<Option<Option<Option<Option<Option<"
     "Option<u8>>>>>>>>>>>>>>>>>",
     "010101010101010101010101010101010101", W3P_E_UNSUPPORTED},
};

ParameterizedTestParameters(events, type)
{
    static int index[sizeof(types) / sizeof(types[0])];
    for (int i = 0; i < (int)(sizeof(types) / sizeof(types[0])); i++)
        index[i] = i;
    return cr_make_param_array(int, index, sizeof(types) / sizeof(types[0]));
}

ParameterizedTest(int *i, events, type)
{
    struct test_bytes bytes = test_hex(types[*i].hex);
    struct w3p_reader r;
    struct w3p_metadata *md = test_one_type(types[*i].type);
    size_t steps = W3P_TYPE_STEPS_MAX;
    w3p_reader_init(&r, bytes.ptr, bytes.len);
    w3p_type_skip(&r, &md->types, md->pallets[0].events[0].fields[0].type, &steps);
    int err = w3p_reader_end(&r);
    w3p_metadata_destroy(md);
    if (types[*i].err == W3P_E_INVALID)
        cr_expect(err == W3P_E_INVALID || err == W3P_E_LIMIT, "%s: %d", types[*i].type, err);
    else
        cr_expect(eq(int, err, types[*i].err), "%s", types[*i].type);
    free(bytes.ptr);
}

// Every argument type of every event of the runtime is known: zeros can be walked or fail for their value alone.
Test(events, all_types_of_the_runtime_are_known)
{
    static const uint8_t zeros[4096];
    struct w3p_metadata *md = test_rocky();
    unsigned count = 0;
    for (size_t p = 0; p < md->pallet_count; p++) {
        for (size_t e = 0; e < md->pallets[p].event_count; e++) {
            const struct w3p_type_variant *ev = &md->pallets[p].events[e];
            for (size_t t = 0; t < ev->field_count; t++, count++) {
                struct w3p_reader r;
                size_t steps = W3P_TYPE_STEPS_MAX;
                w3p_reader_init(&r, zeros, sizeof(zeros));
                w3p_type_skip(&r, &md->types, ev->fields[t].type, &steps);
                cr_expect(eq(int, r.err, W3P_OK), "%s.%s, argument %zu", md->pallets[p].name, ev->name, t);
            }
        }
    }
    cr_expect(lt(uint, 100, count));
    w3p_metadata_destroy(md);
}

static const struct {
    const char *name, *hex;
    uint32_t index;
    bool known, ok, permanent;
    unsigned price;
    const char *error;
} judgements[] = {
    {"no record of ours", "04" SUCCESS, 2, false, false, false, 0, ""},
    {"empty", "00", 1, false, false, false, 0, ""},
    {"unknown before ours", "08 02 ff00 00" SUCCESS, 1, false, false, false, 0, ""},
    {"unknown after a transfer of ours", "0c" TRANSFER(ACCOUNT, "e8030000") "02 ff00 00" SUCCESS, 1, false, false,
     false, 0, ""},
    {"unknown after an order of ours", "10" TRANSFER(ACCOUNT, "e8030000") FILE_SUCCESS "02 ff00 00" SUCCESS, 1, false,
     false, false, 0, ""},
    {"unknown after ours", "0c" FILE_SUCCESS SUCCESS "02 ff00 00", 1, true, true, false, 0, ""},
    {"too large", "04" FAILED, 1, true, false, true, 0, "Market.FileTooLarge: The file is too large."},
    {"paid before it failed", "08" TRANSFER(ACCOUNT, "e8030000") FAILED, 1, true, false, true, 0,
     "Market.FileTooLarge"},
    {"no money", "04 00 01000000 0001 03 14 00 c048f2b300000000 00 00 00", 1, true, false, false, 0,
     "Market.InsufficientCurrency"},
    // somebody ordered it larger meanwhile: the entry on chain is looked at again, and adopted
    {"size of another", "04 00 01000000 0001 03 14 01 c048f2b300000000 00 00 00", 1, true, false, false, 0,
     "Market.FileSizeNotCorrect"},
    {"bad origin", "04 00 01000000 0001 02 c048f2b300000000 00 00 00", 1, true, false, false, 0, "BadOrigin"},
    {"error without a name", "04 00 01000000 0001 03 14 63 c048f2b300000000 00 00 00", 1, true, false, false, 0,
     "error 99 of pallet 20"},
    {"success without an order", "04" SUCCESS, 1, true, false, false, 0, "the extrinsic succeeded, but"},
    {"somebody else's order", "08 00 01000000 1400 " OTHER CID_HEX "00" SUCCESS, 1, true, false, false, 0,
     "the extrinsic succeeded, but"},
    {"order in another extrinsic", "08 00 02000000 1400 " ACCOUNT CID_HEX "00" SUCCESS, 1, true, false, false, 0,
     "the extrinsic succeeded, but"},
    {"order of another CID", "08 00 01000000 1400 " ACCOUNT "0c516d59 00" SUCCESS, 1, true, false, false, 0,
     "the extrinsic succeeded, but"},
    // a memo or CID of somebody may hold any bytes, here a fake success of ours
    {"bytes inside another's event", "08 00 00000000 1403 34 00010000000000c048f2b30000 00" FAILED, 1, true, false,
     true, 0, "Market.FileTooLarge"},
    {"order",
     "14" TRANSFER(ACCOUNT, "e8030000") TRANSFER(OTHER, "ff000000") TRANSFER(ACCOUNT, "02000000") FILE_SUCCESS SUCCESS,
     1, true, true, false, 1002, ""},
    {"amounts that would wrap",
     "10" TRANSFER(ACCOUNT, "e8030000") "00 01000000 0502 " ACCOUNT OTHER
                                        "ffffffffffffffffffffffffffffffff 00" FILE_SUCCESS SUCCESS,
     1, true, true, false, 1000, ""},
};

ParameterizedTestParameters(events, judge)
{
    static int index[sizeof(judgements) / sizeof(judgements[0])];
    for (int i = 0; i < (int)(sizeof(judgements) / sizeof(judgements[0])); i++)
        index[i] = i;
    return cr_make_param_array(int, index, sizeof(judgements) / sizeof(judgements[0]));
}

ParameterizedTest(int *i, events, judge)
{
    static const char *const cids[] = {CID};
    struct w3p_metadata *md = test_rocky();
    struct test_bytes bytes = test_hex(judgements[*i].hex), account = test_hex(ACCOUNT);
    struct w3p_chain_outcome out;
    (void)w3p_crust_judge(&out, md, W3P_SPAN(bytes.ptr, bytes.len), judgements[*i].index, account.ptr, cids, 1);
    const char *name = judgements[*i].name;
    const struct w3p_chain_item *item = &out.items[0];
    cr_expect(eq(int, out.known, judgements[*i].known), "%s", name);
    cr_expect(eq(int, item->end == W3P_ITEM_OK, judgements[*i].ok), "%s", name);
    cr_expect(eq(int, item->permanent, judgements[*i].permanent), "%s", name);
    cr_expect(eq(uint, (unsigned)item->price, judgements[*i].price), "%s", name);
    cr_expect(strncmp(item->error, judgements[*i].error, strlen(judgements[*i].error)) == 0, "%s: %s", name,
              item->error);
    cr_expect(eq(int, item->error[0] == '\0', judgements[*i].error[0] == '\0'), "%s: %s", name, item->error);
    free(bytes.ptr);
    free(account.ptr);
    w3p_metadata_destroy(md);
}

// Three orders of these CIDs in one batch.
#define DONE(letter) "00 01000000 1400 " ACCOUNT "0c516d" letter "00"
#define COMPLETED "00 01000000 1101 00"
#define STOPPED(index) "00 01000000 1100 " index "000000 031401 00"

static const struct {
    const char *name, *hex;
    bool known;
    const char *ends; // of the three: o done, f failed, - not tried
    unsigned prices[3];
    size_t tried;
} batches[] = {
    {"all", "18" DONE("41") DONE("42") DONE("43") COMPLETED SUCCESS "02 ff00 00", true, "ooo", {0}, 3},
    {"what is taken belongs to the next success",
     "20" TRANSFER(ACCOUNT, "05000000") TRANSFER(ACCOUNT, "01000000") DONE("41") TRANSFER(ACCOUNT, "07000000")
         DONE("42") DONE("43") COMPLETED SUCCESS,
     true,
     "ooo",
     {6, 7, 0},
     3},
    {"the first fails", "08" STOPPED("00") SUCCESS, true, "f--", {0}, 1},
    {"the second fails", "0c" DONE("41") STOPPED("01") SUCCESS, true, "of-", {0}, 2},
    {"the last fails", "10" DONE("41") DONE("42") STOPPED("02") SUCCESS, true, "oof", {0}, 3},
    {"failed as a whole", "08" DONE("41") FAILED, true, "fff", {0}, 3},
    {"success of the extrinsic alone says nothing", "04" SUCCESS, false, "---", {0}, 3},
    {"done, but nobody says that the batch was", "10" DONE("41") DONE("42") DONE("43") SUCCESS, false, "---", {0}, 3},
    {"completed without one of them", "10" DONE("41") DONE("43") COMPLETED SUCCESS, true, "ofo", {0}, 3},
    {"somebody else's", "10" DONE("41") "00 01000000 1400 " OTHER "0c516d42 00" COMPLETED SUCCESS, true, "off", {0}, 3},
    {"the one that failed was done before", "10" DONE("41") DONE("42") STOPPED("01") SUCCESS, false, "---", {0}, 3},
    {"an index that there is not", "08" STOPPED("03") SUCCESS, false, "---", {0}, 3},
    {"interrupted twice", "0c" STOPPED("00") STOPPED("01") SUCCESS, false, "---", {0}, 3},
    {"completed and interrupted", "0c" COMPLETED STOPPED("00") SUCCESS, false, "---", {0}, 3},
    {"interrupted and completed", "0c" STOPPED("00") COMPLETED SUCCESS, false, "---", {0}, 3},
    {"one done behind the interruption of another", "0c" STOPPED("00") DONE("42") SUCCESS, false, "---", {0}, 1},
};

ParameterizedTestParameters(events, judge_batch)
{
    static int index[sizeof(batches) / sizeof(batches[0])];
    for (int i = 0; i < (int)(sizeof(batches) / sizeof(batches[0])); i++)
        index[i] = i;
    return cr_make_param_array(int, index, sizeof(batches) / sizeof(batches[0]));
}

ParameterizedTest(int *i, events, judge_batch)
{
    static const char *const cids[] = {"QmA", "QmB", "QmC"};
    struct w3p_metadata *md = test_rocky();
    struct test_bytes bytes = test_hex(batches[*i].hex), account = test_hex(ACCOUNT);
    struct w3p_chain_outcome out;
    size_t tried = w3p_crust_judge(&out, md, W3P_SPAN(bytes.ptr, bytes.len), 1, account.ptr, cids, 3);
    const char *name = batches[*i].name;
    cr_expect(eq(int, out.known, batches[*i].known), "%s", name);
    cr_expect(eq(int, out.batch_refused, strcmp(batches[*i].ends, "fff") == 0), "%s", name);
    if (out.known)
        cr_expect(eq(sz, tried, batches[*i].tried), "%s", name);
    for (size_t k = 0; k < 3; k++) {
        const struct w3p_chain_item *item = &out.items[k];
        cr_expect(eq(chr, "-of"[item->end], batches[*i].ends[k]), "%s, %zu: %s", name, k, item->error);
        cr_expect(eq(uint, (unsigned)item->price, batches[*i].prices[k]), "%s, %zu", name, k);
        cr_expect(eq(int, item->error[0] != '\0', item->end == W3P_ITEM_FAILED), "%s, %zu", name, k);
    }
    free(bytes.ptr);
    free(account.ptr);
    w3p_metadata_destroy(md);
}
