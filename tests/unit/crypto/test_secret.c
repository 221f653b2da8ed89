// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: key memory is zeroed, aligned, locked where permitted, never dumped; and still there without the lock.
#include "unit/crypto/util.h"

#include <inttypes.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "crypto/secret.h"

TestSuite(secret, .timeout = 10);

// VmFlags of the mapping that holds this address; false when the kernel does not say.
static bool vm_flags_of(const void *ptr, char out[256])
{
    FILE *f = fopen("/proc/self/smaps", "r");
    char line[512];
    bool inside = false, found = false;
    if (f == NULL)
        return false;
    while (!found && fgets(line, sizeof line, f) != NULL) {
        uintptr_t from, to;
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2) {
            inside = (uintptr_t)ptr >= from && (uintptr_t)ptr < to;
        } else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
            snprintf(out, 256, "%.200s", line);
            found = true;
        }
    }
    fclose(f);
    return found;
}

static void forbid_locking(void)
{
    struct rlimit none = {0, 0};
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    cr_assert(setrlimit(RLIMIT_MEMLOCK, &none) == 0);
    cr_assert(syscall(SYS_capset, &head, data) == 0);
}

Test(secret, zeroed_and_aligned_at_odd_sizes)
{
    static const size_t sizes[] = {0, 1, 7, 31, 32, 33, 64, 98, 4096, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint8_t *p = w3p_secret_alloc(sizes[i]);
        cr_assert(0 == (uintptr_t)p % 16);
        for (size_t j = 0; j < sizes[i]; j++)
            cr_assert(p[j] == 0);
        memset(p, 0x5a, sizes[i]);
        w3p_secret_free(p);
    }
    w3p_secret_free(NULL);
}

Test(secret, never_in_a_core_dump)
{
    char flags[256];
    uint8_t *p = w3p_secret_alloc(64);
    if (!vm_flags_of(p, flags))
        cr_skip_test("this kernel gives no VmFlags");
    cr_assert(strstr(flags, " dd") != NULL, "%s", flags);
    w3p_secret_free(p);
}

Test(secret, the_process_leaves_no_core)
{
    struct rlimit limit;
    cr_assert(setrlimit(RLIMIT_CORE, &(struct rlimit){4096, 4096}) == 0);
    cr_assert(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 && prctl(PR_GET_DUMPABLE) == 1);
    w3p_secret_free(w3p_secret_alloc(1));
    cr_assert(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0);
    cr_assert(prctl(PR_GET_DUMPABLE) == 0);
}

Test(secret, works_without_permission_to_lock)
{
    char flags[256];
    forbid_locking();
    uint8_t *p = w3p_secret_alloc(100);
    for (size_t j = 0; j < 100; j++)
        cr_assert(p[j] == 0);
    memset(p, 0x5a, 100);
    if (vm_flags_of(p, flags)) {
        cr_assert(strstr(flags, " lo") == NULL, "locked after all: %s", flags);
        cr_assert(strstr(flags, " dd") != NULL, "%s", flags);
    }
    w3p_secret_free(p);
}

Test(secret, a_write_past_the_end_stops_the_process, .signal = SIGSEGV)
{
    signal(SIGSEGV, SIG_DFL); // not the sanitizer's report
    volatile uint8_t *p = w3p_secret_alloc(32);
    p[32] = 1;
}

Test(secret, wipe)
{
    uint8_t bytes[16];
    memset(bytes, 1, sizeof bytes);
    w3p_wipe(bytes, 15);
    for (size_t i = 0; i < 15; i++)
        cr_assert(bytes[i] == 0);
    cr_assert(bytes[15] == 1);
}
