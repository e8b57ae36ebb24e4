/*
 * tests/hostile/module.c - a plugin that does one thing wrong: the build compiles it once for each name in
 * hostile_variants, with HOSTILE and HOSTILE_name defined. "good" does nothing wrong. All have a constructor, by which a
 * test sees whether any code of a plugin that must be refused has run.
 */
#include <neph/plugin.h>

#include <stdlib.h>

#if defined HOSTILE_wrongmajor
#undef NEPH_ABI_MAJOR
#define NEPH_ABI_MAJOR 7
#elif defined HOSTILE_newerminor
#undef NEPH_ABI_MINOR
#define NEPH_ABI_MINOR 9999
#elif defined HOSTILE_nonote
#undef NEPH_PLUGIN_NOTE
#define NEPH_PLUGIN_NOTE
#endif

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

__attribute__((constructor)) static void run_before_all(void)
{
    setenv("NEPH_HOSTILE_RAN", TEXT(HOSTILE), 1);
}

#ifdef HOSTILE_undefined
extern int neph_hostile_not_there(void);
__attribute__((used)) static int (*const missing)(void) = neph_hostile_not_there;
#endif

static const neph_setting settings[] = {
    {.name = "word", .summary = "any", .fallback = "x", .type = NEPH_TYPE_STRING},
};

static int32_t perform(neph_call *call)
{
    (void)call;
    return 0;
}

static const neph_action actions[] = {
#ifdef HOSTILE_spoilt
    {.op = NEPH_OP_BUCKET_LIST, .perform = perform, .method = "not a method"},
#else
    {.op = NEPH_OP_BUCKET_LIST, .perform = perform},
#endif
};

static const neph_provider provider = {
    .size = sizeof(neph_provider),
    .id = "hostile",
    .title = "Hostile",
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
};

static const neph_provider *const providers[] = {
#ifdef HOSTILE_nullprovider
    NULL,
#endif
    &provider,
};

#if defined HOSTILE_nosymbol
NEPH_PLUGIN_NOTE
NEPH_EXPORT const neph_provider *const *neph_hostile_other(void);
const neph_provider *const *neph_hostile_other(void)
{
    return providers;
}
#elif defined HOSTILE_smallsymbol
NEPH_PLUGIN_NOTE
NEPH_EXPORT const char neph_plugin_v0[8];
const char neph_plugin_v0[8] = "NEPHPLU";
__attribute__((used)) static const neph_provider *const *const unused = providers;
#elif defined HOSTILE_wrongmagic || defined HOSTILE_lyingmajor || defined HOSTILE_noproviders ||   \
    defined HOSTILE_wrongsize || defined HOSTILE_noname
NEPH_PLUGIN_NOTE
NEPH_EXPORT const neph_plugin neph_plugin_v0;
const neph_plugin neph_plugin_v0 = {
#ifdef HOSTILE_wrongmagic
    {'N', 'E', 'P', 'H', 'P', 'L', 'U', 'X'},
#else
    {'N', 'E', 'P', 'H', 'P', 'L', 'U', 'G'},
#endif
#ifdef HOSTILE_wrongsize
    8,
#else
    sizeof(neph_plugin),
#endif
#ifdef HOSTILE_lyingmajor
    7,
#else
    NEPH_ABI_MAJOR,
#endif
    NEPH_ABI_MINOR,
    NEPH_ABI_MINOR,
#ifdef HOSTILE_noname
    NULL,
#else
    TEXT(HOSTILE),
#endif
    "1.0",
    NULL,
    providers,
#ifdef HOSTILE_noproviders
    0,
#else
    NEPH_COUNT(providers),
#endif
    0,
};
#elif defined HOSTILE_wrongname
NEPH_PLUGIN(somebody, "1.0", NULL, providers);
#else
#define DEFINE(name) NEPH_PLUGIN(name, "1.0", NULL, providers)
DEFINE(HOSTILE);
#endif
