/*
 * core/many.h - object delete-many where the provider leaves it to the host (NEPH_EACH).
 */
#ifndef NEPHI_MANY_H
#define NEPHI_MANY_H

#include <neph/plugin.h>

/* In place of the action's perform and finish. */
int32_t nephi_many_perform(neph_call *call);
void nephi_many_finish(neph_call *call);

#endif
