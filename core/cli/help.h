/*
 * core/cli/help.h - what help, man pages and completion share.
 */
#ifndef NEPHC_HELP_H
#define NEPHC_HELP_H

#include "core/cli/cli.h"

/* "node show ID" */
void nephc_put_usage(nephc_output *out, const nephc_target *target);
/* "--ram-bytes=COUNT" */
void nephc_put_option(nephc_output *out, const nephc_option *option);
/* The shape of what a target prints. Returns 0 if it prints nothing. */
int nephc_target_shape(const nephc_target *target, nephc_shape *out);
/* What a parameter's value looks like: "TEXT", "spot|fixed". */
const char *nephc_parameter_value(const neph_extension_info *info, uint32_t index);
void nephc_help_extension(nephc_output *out, const char *name, const neph_extension_info *info,
                          const nephc_shape *shape);
void nephc_put_upper(nephc_output *out, const char *text);

#endif
