/*
 * core/place.c - directories: libneph's own, the user's, and who may write into one. Decides nothing about plugins.
 */
#include "core/place.h"

#include "core/host.h"

#include <dlfcn.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Writes "a/b" (a may be empty). 0: too long. */
static int join(char *out, size_t capacity, const char *a, const char *b)
{
    int size = snprintf(out, capacity, "%s/%s", a, b);
    return size > 0 && (size_t)size < capacity;
}

int nephi_place_beside(char *out, size_t capacity, const char *name)
{
    static const char own = 0;
    char *real = NULL;
    char *slash;
    Dl_info info;
    int found = 0;
    if (!dladdr(&own, &info) || !info.dli_fname || !strchr(info.dli_fname, '/'))
        return 0;
    real = realpath(info.dli_fname, NULL);
    slash = real ? strrchr(real, '/') : NULL;
    if (slash) {
        *slash = '\0';
        found = join(out, capacity, real, name) && access(out, F_OK) == 0;
    }
    free(real);
    return found;
}

/* The user's directory: $HOME, or what the user database says. */
static int home_find(const neph_host *host, char *out, size_t capacity)
{
    const char *variable = nephi_host_environment(host, "HOME");
    char space[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    if (!variable && getpwuid_r(geteuid(), &entry, space, sizeof space, &found) == 0 && found)
        variable = found->pw_dir;
    if (!variable || variable[0] != '/' || strlen(variable) >= capacity)
        return 0;
    memcpy(out, variable, strlen(variable) + 1);
    return 1;
}

int nephi_place_user(const neph_host *host, const char *variable, const char *fallback,
                     const char *rest, char *out, size_t capacity)
{
    const char *value = variable ? nephi_host_environment(host, variable) : NULL;
    char home[PATH_MAX], base[PATH_MAX];
    if (value && value[0] == '/')
        return join(out, capacity, value, rest);
    if (!fallback || !home_find(host, home, sizeof home))
        return 0;
    return join(base, sizeof base, home, fallback) && join(out, capacity, base, rest);
}

const char *nephi_place_file_fault(const struct stat *info)
{
    if (info->st_uid != 0)
        return "does not belong to root";
    if (info->st_mode & (S_IWGRP | S_IWOTH))
        return "can be written by others than root";
    return NULL;
}

/* A directory on the way: in a sticky one (/tmp) others can add names but not replace root's. */
static const char *parent_fault(const struct stat *info)
{
    if (info->st_uid == 0 && (info->st_mode & S_ISVTX))
        return NULL;
    return nephi_place_file_fault(info) ? "lies in a directory that others than root can change"
                                        : NULL;
}

const char *nephi_place_directory_fault(const char *directory)
{
    const char *fault = NULL;
    struct stat info;
    char *real = realpath(directory, NULL);
    char *slash;
    if (!real || stat(real, &info))
        fault = "cannot be examined";
    else
        fault = nephi_place_file_fault(&info);
    while (!fault && (slash = strrchr(real, '/')) != NULL && real[1]) {
        slash[slash == real] = '\0';
        fault = stat(real, &info) ? "cannot be examined" : parent_fault(&info);
    }
    free(real);
    return fault;
}
