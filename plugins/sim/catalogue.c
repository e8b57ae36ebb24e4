/*
 * catalogue.c - what every simulated cloud has: locations, sizes with prices, images, networks. Written like a state file
 * (format.c) and read before it. Prices and processors are in units of 1e-9, sizes in bytes.
 */
#include "sim.h"

#define LOCATION(id, name, country) "[location]\nid " id "\nname " name "\ncountry " country "\n"
#define SIZE(id, cpus, ram, disk, price)                                                           \
    "[size]\nid " id "\nname " id "\ncpus " cpus "000000000\nram " ram "\ndisk " disk              \
    "\nprice " price "\ncurrency USD\narchitecture x86_64\narchitecture arm64\n"
#define IMAGE(id, name, architecture)                                                              \
    "[image]\nid " id "\nname " name "\nstate available\nchanged 1735689600000000000\npace 0\n"    \
    "public 1\narchitecture " architecture "\nowner sim\ncreated 1735689600000000000\n"
#define NETWORK(id, name, cidr, is_default)                                                        \
    "[network]\nid " id "\nname " name "\ncidr " cidr "\ndefault " is_default "\n"
#define SUBNET(id, cidr, network, location)                                                        \
    "[subnet]\nid " id "\nname " id "\ncidr " cidr "\nnetwork " network "\nlocation " location "\n"

/* Locations, the default one first; so are the subnets of a network in a location. */
const char sim_catalogue[] = "neph-sim 1\n"                           /* */
    LOCATION("sim-1a", "Simulated East", "US")                        /* */
    LOCATION("sim-1b", "Simulated West", "DE")                        /* */
    SIZE("nano", "1", "536870912", "10737418240", "5200000")          /* */
    SIZE("small", "1", "2147483648", "21474836480", "20800000")       /* */
    SIZE("medium", "2", "4294967296", "42949672960", "41600000")      /* */
    SIZE("large", "4", "8589934592", "85899345920", "83200000")       /* */
    SIZE("xlarge", "8", "17179869184", "171798691840", "166400000")   /* */
    IMAGE("debian-12", "Debian 12 (bookworm)", "x86_64")              /* */
    IMAGE("debian-12-arm64", "Debian 12 (bookworm) for ARM", "arm64") /* */
    IMAGE("ubuntu-24.04", "Ubuntu 24.04 LTS", "x86_64")               /* */
    IMAGE("alma-9", "AlmaLinux 9", "x86_64")                          /* */
    NETWORK("net-main", "main", "10.0.0.0/16", "1")                   /* */
    NETWORK("net-lab", "lab", "10.1.0.0/16", "0")                     /* */
    SUBNET("subnet-main-1a", "10.0.0.0/20", "net-main", "sim-1a")     /* */
    SUBNET("subnet-main-1b", "10.0.16.0/20", "net-main", "sim-1b")    /* */
    SUBNET("subnet-lab-1a", "10.1.0.0/24", "net-lab", "sim-1a")       /* */
    SUBNET("subnet-lab-1b", "10.1.1.0/24", "net-lab", "sim-1b")       /* */
    "end 17\n";
