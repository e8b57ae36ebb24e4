/*
 * pkg/manifestgen.c - writes a plugin's manifest (format 1) to standard output from the plugin's own tables. Compiled
 * together with a provider's sources and nothing else of neph; run by the build, here and out of tree:
 *
 *     manifestgen NAME >NAME.json
 *
 * Names that the host knows by table (operations, arguments) stand here again, since a plugin is built without the
 * host; a test holds the two against each other.
 */
#include <neph/plugin.h>

#include <stdio.h>
#include <string.h>

typedef struct name_row {
    int32_t number;
    const char *name;
} name_row;

static const name_row op_names[] = {
    {NEPH_OP_NODE_LIST, "node.list"},
    {NEPH_OP_NODE_SHOW, "node.show"},
    {NEPH_OP_NODE_CREATE, "node.create"},
    {NEPH_OP_NODE_DESTROY, "node.destroy"},
    {NEPH_OP_NODE_REBOOT, "node.reboot"},
    {NEPH_OP_NODE_START, "node.start"},
    {NEPH_OP_NODE_STOP, "node.stop"},
    {NEPH_OP_NODE_RENAME, "node.rename"},
    {NEPH_OP_NODE_RESIZE, "node.resize"},
    {NEPH_OP_NODE_CONSOLE, "node.console"},
    {NEPH_OP_IMAGE_LIST, "image.list"},
    {NEPH_OP_IMAGE_SHOW, "image.show"},
    {NEPH_OP_IMAGE_CREATE, "image.create"},
    {NEPH_OP_IMAGE_DELETE, "image.delete"},
    {NEPH_OP_SIZE_LIST, "size.list"},
    {NEPH_OP_LOCATION_LIST, "location.list"},
    {NEPH_OP_KEY_LIST, "key.list"},
    {NEPH_OP_KEY_CREATE, "key.create"},
    {NEPH_OP_KEY_IMPORT, "key.import"},
    {NEPH_OP_KEY_DELETE, "key.delete"},
    {NEPH_OP_VOLUME_LIST, "volume.list"},
    {NEPH_OP_VOLUME_SHOW, "volume.show"},
    {NEPH_OP_VOLUME_CREATE, "volume.create"},
    {NEPH_OP_VOLUME_DELETE, "volume.delete"},
    {NEPH_OP_VOLUME_ATTACH, "volume.attach"},
    {NEPH_OP_VOLUME_DETACH, "volume.detach"},
    {NEPH_OP_VOLUME_RESIZE, "volume.resize"},
    {NEPH_OP_SNAPSHOT_LIST, "snapshot.list"},
    {NEPH_OP_SNAPSHOT_SHOW, "snapshot.show"},
    {NEPH_OP_SNAPSHOT_CREATE, "snapshot.create"},
    {NEPH_OP_SNAPSHOT_DELETE, "snapshot.delete"},
    {NEPH_OP_ADDRESS_LIST, "address.list"},
    {NEPH_OP_ADDRESS_ALLOCATE, "address.allocate"},
    {NEPH_OP_ADDRESS_ASSOCIATE, "address.associate"},
    {NEPH_OP_ADDRESS_DISASSOCIATE, "address.disassociate"},
    {NEPH_OP_ADDRESS_RELEASE, "address.release"},
    {NEPH_OP_FIREWALL_LIST, "firewall.list"},
    {NEPH_OP_FIREWALL_CREATE, "firewall.create"},
    {NEPH_OP_FIREWALL_DELETE, "firewall.delete"},
    {NEPH_OP_RULE_LIST, "rule.list"},
    {NEPH_OP_RULE_ADD, "rule.add"},
    {NEPH_OP_RULE_REMOVE, "rule.remove"},
    {NEPH_OP_NETWORK_LIST, "network.list"},
    {NEPH_OP_SUBNET_LIST, "subnet.list"},
    {NEPH_OP_TAG_LIST, "tag.list"},
    {NEPH_OP_TAG_SET, "tag.set"},
    {NEPH_OP_TAG_REMOVE, "tag.remove"},
    {NEPH_OP_BUCKET_LIST, "bucket.list"},
    {NEPH_OP_BUCKET_CREATE, "bucket.create"},
    {NEPH_OP_BUCKET_DELETE, "bucket.delete"},
    {NEPH_OP_OBJECT_LIST, "object.list"},
    {NEPH_OP_OBJECT_HEAD, "object.head"},
    {NEPH_OP_OBJECT_GET, "object.get"},
    {NEPH_OP_OBJECT_PUT, "object.put"},
    {NEPH_OP_OBJECT_COPY, "object.copy"},
    {NEPH_OP_OBJECT_DELETE, "object.delete"},
    {NEPH_OP_OBJECT_PRESIGN, "object.presign"},
    {NEPH_OP_OBJECT_DELETE_MANY, "object.delete-many"},
    {NEPH_OP_OBJECT_VERSIONS, "object.versions"},
    {NEPH_OP_UPLOAD_LIST, "upload.list"},
    {NEPH_OP_UPLOAD_BEGIN, "upload.begin"},
    {NEPH_OP_UPLOAD_PART, "upload.part"},
    {NEPH_OP_UPLOAD_COPY, "upload.copy"},
    {NEPH_OP_UPLOAD_PARTS, "upload.parts"},
    {NEPH_OP_UPLOAD_COMPLETE, "upload.complete"},
    {NEPH_OP_UPLOAD_ABORT, "upload.abort"},
    {NEPH_OP_STORAGE_LIMITS, "storage.limits"},
    {0, NULL},
};

static const name_row argument_names[] = {
    {NEPH_LIST_LIMIT, "limit"},
    {NEPH_LIST_ID, "id"},
    {NEPH_LIST_NAME, "name"},
    {NEPH_LIST_TAG, "tag"},
    {NEPH_LIST_STATE, "state"},
    {NEPH_LIST_LOCATION, "location"},
    {NEPH_WAIT, "wait"},
    {NEPH_WAIT_SECONDS, "wait_seconds"},
    {NEPH_TOKEN, "token"},
    {NEPH_NODE_LOCATION, "location_id"},
    {NEPH_NODE_KEY, "key_name"},
    {NEPH_NODE_FIREWALLS, "firewall_ids"},
    {NEPH_NODE_NETWORK, "network_id"},
    {NEPH_NODE_SUBNET, "subnet_id"},
    {NEPH_USER_DATA, "user_data"},
    {NEPH_USER_DATA_BASE64, "user_data_base64"},
    {NEPH_LOGIN_NAME, "username"},
    {NEPH_NODE_PASSWORD, "password"},
    {NEPH_LOGIN_KEY, "public_key"},
    {NEPH_FORCE, "force"},
    {NEPH_LIST_OWNER, "owner"},
    {NEPH_IMAGE_DESCRIPTION, "description"},
    {NEPH_VOLUME_SIZE_BYTES, "size_bytes"},
    {NEPH_VOLUME_LOCATION, "location_id"},
    {NEPH_VOLUME_TYPE, "type"},
    {NEPH_VOLUME_IOPS, "iops"},
    {NEPH_VOLUME_ENCRYPTED, "is_encrypted"},
    {NEPH_VOLUME_SNAPSHOT, "snapshot_id"},
    {NEPH_VOLUME_DEVICE, "device"},
    {NEPH_VOLUME_NODE, "node_id"},
    {NEPH_SNAPSHOT_DESCRIPTION, "description"},
    {NEPH_ADDRESS_NAME, "name"},
    {NEPH_REASSOCIATE, "reassociate"},
    {NEPH_FIREWALL_DESCRIPTION, "description"},
    {NEPH_FIREWALL_NETWORK, "network_id"},
    {NEPH_FIREWALL_RULE_DIRECTION, "direction"},
    {NEPH_FIREWALL_RULE_PROTOCOL, "protocol"},
    {NEPH_FIREWALL_RULE_PORT_FROM, "port_from"},
    {NEPH_FIREWALL_RULE_PORT_TO, "port_to"},
    {NEPH_FIREWALL_RULE_CIDR, "cidr"},
    {NEPH_FIREWALL_RULE_PEER, "peer_id"},
    {NEPH_FIREWALL_RULE_DESCRIPTION, "description"},
    {NEPH_LIST_PREFIX, "prefix"},
    {NEPH_LIST_DELIMITER, "delimiter"},
    {NEPH_LIST_START_AFTER, "start_after"},
    {NEPH_RANGE_OFFSET, "offset"},
    {NEPH_RANGE_LENGTH, "length"},
    {NEPH_OBJECT_CONTENT_TYPE, "content_type"},
    {NEPH_OBJECT_CLASS, "storage_class"},
    {NEPH_OBJECT_METADATA, "metadata"},
    {NEPH_OBJECT_LOCAL_MODIFIED, "local_modified"},
    {NEPH_OBJECT_VERSION, "version"},
    {NEPH_OBJECT_CHECKSUM, "checksum"},
    {NEPH_CHECKSUM, "checksum_algorithm"},
    {NEPH_IF_MATCH, "if_match"},
    {NEPH_IF_NONE_MATCH, "if_none_match"},
    {NEPH_COPY_VERSION, "from_version"},
    {NEPH_COPY_IF_MATCH, "from_if_match"},
    {NEPH_UPLOAD_CHECKSUMS, "part_checksum"},
    {NEPH_PRESIGN_METHOD, "method"},
    {NEPH_PRESIGN_SECONDS, "seconds"},
    {NEPH_NODE_TAGS, "tags"},
    {NEPH_IMAGE_TAGS, "tags"},
    {NEPH_VOLUME_TAGS, "tags"},
    {NEPH_SNAPSHOT_TAGS, "tags"},
    {NEPH_ADDRESS_TAGS, "tags"},
    {NEPH_FIREWALL_TAGS, "tags"},
    {0, NULL},
};

static const name_row type_names[] = {
    {NEPH_TYPE_STRING, "string"},
    {NEPH_TYPE_INTEGER, "integer"},
    {NEPH_TYPE_BOOLEAN, "boolean"},
    {0, NULL},
};

/* Of parameters and columns. */
static const name_row extension_type_names[] = {
    {NEPH_TYPE_STRING, "string"},
    {NEPH_TYPE_INTEGER, "integer"},
    {NEPH_TYPE_DECIMAL, "decimal"},
    {NEPH_TYPE_TIME, "time"},
    {NEPH_TYPE_BOOLEAN, "boolean"},
    {NEPH_TYPE_STRINGS, "strings"},
    {0, NULL},
};

static const name_row origin_names[] = {
    {NEPH_FROM_ENVIRONMENT, "environment"},
    {NEPH_FROM_AWS_PROFILE, "profile"},
    {NEPH_FROM_CLOUDS_YAML, "clouds.yaml"},
    {NEPH_FROM_METADATA, "metadata"},
    {0, NULL},
};

static FILE *out;

static const char *name_of(const name_row *rows, int32_t number)
{
    while (rows->name && rows->number != number)
        rows++;
    return rows->name;
}

/* ---- JSON */

static void write_part(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
}

static void write_text(const char *text)
{
    fputc('"', out);
    write_part(text, strlen(text));
    fputc('"', out);
}

/* The pieces of a text as an array. */
static void write_pieces(const char *text, char separator)
{
    const char *between = "";
    fputc('[', out);
    while (text && *text) {
        const char *end = strchr(text, separator);
        size_t size = end ? (size_t)(end - text) : strlen(text);
        if (size) {
            fprintf(out, "%s\"", between);
            write_part(text, size);
            fputc('"', out);
            between = ", ";
        }
        text += size + (end != NULL);
    }
    fputc(']', out);
}

/* A member of an object after others. */
static void write_member(const char *indent, const char *name, const char *text)
{
    if (!text)
        return;
    fprintf(out, ",\n%s\"%s\": ", indent, name);
    write_text(text);
}

/* ---- the tables */

static void write_origins(const neph_setting *setting)
{
    const char *between = "";
    if (!setting->origin_count)
        return;
    fprintf(out, ",\n          \"origins\": [");
    for (uint32_t i = 0; i < setting->origin_count; i++) {
        const char *word = name_of(origin_names, (int32_t)setting->origins[i].from);
        if (!word)
            continue;
        fprintf(out, "%s\"%s ", between, word);
        write_part(setting->origins[i].key, strlen(setting->origins[i].key));
        fputc('"', out);
        between = ", ";
    }
    fputc(']', out);
}

static int write_setting(const neph_setting *setting)
{
    static const char indent[] = "          ";
    const char *type = name_of(type_names, (int32_t)setting->type);
    if (!type) {
        fprintf(stderr, "manifestgen: setting %s is of a type that settings do not have\n",
                setting->name);
        return 0;
    }
    fprintf(out, "        {\n%s\"name\": ", indent);
    write_text(setting->name);
    write_member(indent, "type", type);
    if (setting->flags & NEPH_SETTING_SECRET)
        fprintf(out, ",\n%s\"secret\": true", indent);
    if (setting->flags & NEPH_SETTING_REQUIRED)
        fprintf(out, ",\n%s\"required\": true", indent);
    write_member(indent, "summary", setting->summary);
    write_member(indent, "default", setting->fallback);
    if (setting->choices) {
        fprintf(out, ",\n%s\"choices\": ", indent);
        write_pieces(setting->choices, '|');
    }
    write_origins(setting);
    fprintf(out, "\n        }");
    return 1;
}

static int write_settings(const neph_provider *provider)
{
    fprintf(out, ",\n      \"settings\": [");
    for (uint32_t i = 0; i < provider->setting_count; i++) {
        fprintf(out, "%s\n", i ? "," : "");
        if (!write_setting(&provider->settings[i]))
            return 0;
    }
    fprintf(out, "%s]", provider->setting_count ? "\n      " : "");
    return 1;
}

/* An operation and the arguments it honours besides the required ones. */
static int write_operation(const neph_action *action)
{
    const char *op = name_of(op_names, (int32_t)action->op);
    if (!op) {
        fprintf(stderr, "manifestgen: there is no operation 0x%04x\n", (unsigned)action->op);
        return 0;
    }
    fprintf(out, "        \"%s\": [", op);
    for (uint32_t i = 0; i < action->take_count; i++) {
        const char *name = name_of(argument_names, action->takes[i]);
        if (!name) {
            fprintf(stderr, "manifestgen: %s takes %#x, which is no argument\n", op,
                    (unsigned)action->takes[i]);
            return 0;
        }
        fprintf(out, "%s\"%s\"", i ? ", " : "", name);
    }
    fputc(']', out);
    return 1;
}

static int write_operations(const neph_provider *provider)
{
    uint32_t count = 0;
    fprintf(out, ",\n      \"operations\": {");
    for (uint32_t i = 0; i < provider->action_count; i++) {
        if (provider->actions[i].op >= NEPH_OP_EXTENSION)
            continue;
        fprintf(out, "%s\n", count++ ? "," : "");
        if (!write_operation(&provider->actions[i]))
            return 0;
    }
    fprintf(out, "%s}", count ? "\n      " : "");
    return 1;
}

/* What parameters and columns have in common. */
static int write_item(const char *name, const char *summary, uint32_t type)
{
    const char *word = name_of(extension_type_names, (int32_t)type);
    if (!word || !name || !summary) {
        fprintf(stderr, "manifestgen: %s has no name, no summary, or a type that it cannot have\n",
                name ? name : "a parameter or column");
        return 0;
    }
    fprintf(out, "            {\"name\": ");
    write_text(name);
    fprintf(out, ", \"type\": \"%s\", \"summary\": ", word);
    write_text(summary);
    return 1;
}

static int write_parameter(const neph_parameter *parameter)
{
    if (!write_item(parameter->name, parameter->summary, parameter->type))
        return 0;
    if (parameter->flags & NEPH_PARAMETER_REQUIRED)
        fprintf(out, ", \"required\": true");
    if (parameter->flags & NEPH_PARAMETER_SECRET)
        fprintf(out, ", \"secret\": true");
    if (parameter->choices) {
        fprintf(out, ", \"choices\": ");
        write_pieces(parameter->choices, '|');
    }
    fputc('}', out);
    return 1;
}

static int write_column(const neph_column *column)
{
    if (!write_item(column->name, column->summary, column->type))
        return 0;
    if (column->flags & NEPH_COLUMN_WIDE)
        fprintf(out, ", \"wide\": true");
    if (column->flags & NEPH_COLUMN_SECRET)
        fprintf(out, ", \"secret\": true");
    fputc('}', out);
    return 1;
}

static int write_extension(const neph_extension *extension)
{
    static const char indent[] = "          ";
    if (!extension->name || !extension->summary) {
        fprintf(stderr, "manifestgen: extension 0x%04x has no name or no summary\n",
                (unsigned)extension->op);
        return 0;
    }
    fprintf(out, "        {\n%s\"name\": ", indent);
    write_text(extension->name);
    fprintf(out, ",\n%s\"op\": %u", indent, (unsigned)extension->op);
    write_member(indent, "summary", extension->summary);
    fprintf(out, ",\n%s\"parameters\": [", indent);
    for (uint32_t i = 0; i < extension->parameter_count; i++) {
        fprintf(out, "%s\n", i ? "," : "");
        if (!write_parameter(&extension->parameters[i]))
            return 0;
    }
    fprintf(out, "],\n%s\"columns\": [", indent);
    for (uint32_t i = 0; i < extension->column_count; i++) {
        fprintf(out, "%s\n", i ? "," : "");
        if (!write_column(&extension->columns[i]))
            return 0;
    }
    fprintf(out, "]\n        }");
    return 1;
}

static int write_extensions(const neph_provider *provider)
{
    if (!provider->extension_count)
        return 1;
    fprintf(out, ",\n      \"extensions\": [");
    for (uint32_t i = 0; i < provider->extension_count; i++) {
        fprintf(out, "%s\n", i ? "," : "");
        if (!write_extension(&provider->extensions[i]))
            return 0;
    }
    fprintf(out, "\n      ]");
    return 1;
}

static int write_provider(const neph_provider *provider)
{
    static const char indent[] = "      ";
    fprintf(out, "    {\n%s\"id\": ", indent);
    write_text(provider->id);
    write_member(indent, "title", provider->title);
    fprintf(out, ",\n%s\"hosts\": ", indent);
    write_pieces(provider->hosts, ' ');
    if (!write_settings(provider) || !write_operations(provider) || !write_extensions(provider))
        return 0;
    fprintf(out, "\n    }");
    return 1;
}

static int write_plugin(const neph_plugin *plugin)
{
    static const char indent[] = "  ";
    char abi[32], file[256];
    snprintf(abi, sizeof abi, "%u.%u", (unsigned)plugin->abi_major,
             (unsigned)plugin->abi_minor_needed);
    snprintf(file, sizeof file, "%s.so", plugin->name);
    fprintf(out, "{\n%s\"format\": 1", indent);
    write_member(indent, "name", plugin->name);
    write_member(indent, "version", plugin->version);
    write_member(indent, "abi", abi);
    write_member(indent, "file", file);
    write_member(indent, "package", plugin->package);
    fprintf(out, ",\n%s\"providers\": [", indent);
    for (uint32_t i = 0; i < plugin->provider_count; i++) {
        fprintf(out, "%s\n", i ? "," : "");
        if (!write_provider(plugin->providers[i]))
            return 0;
    }
    fprintf(out, "\n  ]\n}\n");
    return 1;
}

#ifndef MANIFESTGEN_TEST
extern const neph_plugin NEPH_PLUGIN_SYMBOL_OF(plugin);

int main(int argc, char **argv)
{
    const neph_plugin *plugin = &NEPH_PLUGIN_SYMBOL_OF(plugin);
    out = stdout;
    if (argc != 2) {
        fprintf(stderr, "usage: manifestgen NAME >NAME.json\n");
        return 2;
    }
    if (strcmp(plugin->name, argv[1]) != 0) {
        fprintf(stderr, "manifestgen: the plugin says its name is %s, not %s\n", plugin->name,
                argv[1]);
        return 1;
    }
    if (!write_plugin(plugin) || fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "manifestgen: the manifest of %s is not complete\n", argv[1]);
        return 1;
    }
    return 0;
}
#endif
