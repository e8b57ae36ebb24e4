/*
 * network.c - addresses of the simulated networks: which are free, which are in a range. What networks there are stands in
 * the catalogue.
 */
#include "sim.h"

#include <arpa/inet.h>

#define BITS_LEAST 16 /* of a range that addresses are picked from */
#define RESERVED 4    /* at its beginning, for the network itself; and its last one */

static int bits_read(const char *text, uint32_t most, uint32_t *out)
{
    size_t size = strlen(text);
    *out = 0;
    if (!size || size > 3 || strspn(text, "0123456789") != size)
        return 0;
    for (size_t i = 0; i < size; i++)
        *out = *out * 10 + (uint32_t)(text[i] - '0');
    return *out <= most;
}

/* Splits at the slash; address holds 64 bytes. */
static const char *address_cut(const char *text, char *address)
{
    const char *slash = strchr(text, '/');
    if (!slash || slash - text >= 64)
        return NULL;
    memcpy(address, text, (size_t)(slash - text));
    address[slash - text] = '\0';
    return slash + 1;
}

int sim_cidr_is(const char *text)
{
    char address[64];
    unsigned char bytes[16];
    uint32_t bits;
    const char *behind = address_cut(text, address);
    if (!behind)
        return 0;
    if (inet_pton(AF_INET, address, bytes) == 1)
        return bits_read(behind, 32, &bits);
    return inet_pton(AF_INET6, address, bytes) == 1 && bits_read(behind, 128, &bits);
}

static int ip_read(const char *text, uint32_t *out)
{
    struct in_addr address;
    if (inet_pton(AF_INET, text, &address) != 1)
        return 0;
    *out = ntohl(address.s_addr);
    return 1;
}

int sim_cidr_read(const char *text, uint32_t *base, uint32_t *bits)
{
    char address[64];
    const char *behind = address_cut(text, address);
    return behind && ip_read(address, base) && bits_read(behind, 32, bits);
}

/* A range's addresses, a bit each. */
typedef struct range {
    uint32_t base;
    uint32_t size;
    uint32_t used; /* how many are */
    unsigned char is_used[(1u << (32 - BITS_LEAST)) / 8];
} range;

static void range_mark(range *of, const char *text)
{
    uint32_t ip, at;
    if (!ip_read(text, &ip) || ip < of->base || ip - of->base >= of->size)
        return;
    at = ip - of->base;
    of->used += !(of->is_used[at / 8] >> at % 8 & 1);
    of->is_used[at / 8] |= (unsigned char)(1u << at % 8);
}

static int range_look(range *of, const sim_state *state, const char *cidr)
{
    uint32_t bits;
    memset(of, 0, sizeof *of);
    if (!sim_cidr_read(cidr, &of->base, &bits) || bits < BITS_LEAST || bits > 29)
        return 0;
    of->size = 1u << (32 - bits);
    for (size_t i = 0; i < state->count; i++) {
        const sim_thing *thing = state->things[i];
        for (uint32_t j = 0; j < thing->count && !thing->is_gone; j++) {
            int32_t member = thing->values[j].member->member;
            if (member == NEPH_NODE_PRIVATE_IPS || member == SIM_PUBLIC_IP ||
                member == NEPH_ADDRESS_IP)
                range_mark(of, thing->values[j].text);
        }
    }
    return 1;
}

int sim_ip_pick(const sim_state *state, const char *cidr, int64_t serial, char *out)
{
    range of;
    uint32_t count;
    if (!range_look(&of, state, cidr))
        return 0;
    count = of.size - RESERVED - 1;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = RESERVED + (uint32_t)((uint64_t)(serial + i) % count);
        uint32_t ip = of.base + at;
        if (of.is_used[at / 8] >> at % 8 & 1)
            continue;
        snprintf(out, 16, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
        return 1;
    }
    return 0;
}

int32_t sim_subnet_show(sim_work *work, const sim_thing *subnet, neph_record *record)
{
    range of;
    if (!range_look(&of, &work->state, sim_get(subnet, NEPH_SUBNET_CIDR)))
        return 0;
    return neph_record_set_integer(record, NEPH_SUBNET_FREE_ADDRESSES,
                                   (int64_t)of.size - RESERVED - 1 - of.used);
}
