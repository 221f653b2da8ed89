// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: runs a fuzz target over files without a fuzzer: `fuzz_cid FILE-OR-FOLDER …`. Folders are read one level
// deep, in name order. Ends with 0 when every input came back, 1 for what cannot be read or when there was no input.
// Each input lies in an allocation of exactly its size, so that the address sanitizer sees a read behind it.
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"

#define INPUT_MAX_BYTES (16u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path, size_t *done)
{
    int result = 1;
    struct stat info;
    uint8_t *data = NULL;
    FILE *file = fopen(path, "rbe");
    if (file == NULL || fstat(fileno(file), &info) != 0)
        goto out;
    if (info.st_size < 0 || info.st_size > (off_t)INPUT_MAX_BYTES) {
        errno = EFBIG;
        goto out;
    }
    size_t size = (size_t)info.st_size;
    data = malloc(size == 0 ? 1 : size);
    if (data == NULL || fread(data, 1, size, file) != size)
        goto out;
    LLVMFuzzerTestOneInput(data, size);
    ++*done;
    result = 0;
out:
    if (result != 0)
        fprintf(stderr, "cannot read %s: %s\n", path, strerror(errno));
    if (file != NULL)
        fclose(file);
    free(data);
    return result;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int run_folder(const char *path, size_t *done)
{
    struct dirent **names = NULL;
    int failed = 0, count = scandir(path, &names, is_visible, alphasort);
    if (count < 0) {
        fprintf(stderr, "cannot read %s: %s\n", path, strerror(errno));
        return 1;
    }
    for (int i = 0; i < count; i++) {
        struct w3p_buf full;
        w3p_buf_init(&full, 4096);
        w3p_buf_printf(&full, "%s/%s", path, names[i]->d_name);
        failed |= run_file(w3p_buf_str(&full), done);
        w3p_buf_deinit(&full);
        free(names[i]);
    }
    free(names);
    return failed;
}

int main(int argc, char **argv)
{
    size_t done = 0;
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        struct stat info;
        if (stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode))
            failed |= run_folder(argv[i], &done);
        else
            failed |= run_file(argv[i], &done);
    }
    printf("%s: %zu inputs\n", argv[0], done);
    return failed != 0 || done == 0 ? 1 : 0;
}
