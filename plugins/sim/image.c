/*
 * image.c - images that are made of nodes; the others are the catalogue's.
 */
#include "sim.h"

/* Whose they are, as results and filters say it. */
#define OWNER "self"

int32_t sim_image_create(sim_work *work, sim_thing *image)
{
    sim_thing *node, *origin;
    const char *architecture = NULL;
    int failed = 0;
    int32_t rc = sim_need(work, NEPH_KIND_NODE, neph_argument(work->call, NEPH_NODE_ID), &node);
    if (!rc)
        rc = sim_node_check(work, node);
    if (rc)
        return rc;
    origin = sim_find(&work->state, NEPH_KIND_IMAGE, NEPH_IMAGE_ID, sim_get(node, NEPH_NODE_IMAGE));
    if (origin)
        architecture = sim_get(origin, NEPH_IMAGE_ARCHITECTURE);
    failed |= sim_set_number(&work->state, image, NEPH_IMAGE_PUBLIC, 0);
    failed |= sim_set(&work->state, image, NEPH_IMAGE_OWNER, OWNER);
    failed |= sim_set(&work->state, image, NEPH_IMAGE_ARCHITECTURE, architecture);
    return failed ? sim_no_memory(work) : sim_begin(work, image, NEPH_IMAGE_PENDING);
}
