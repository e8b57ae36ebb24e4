/*
 * test_ec2_resources.c - the ec2 provider: images, sizes, keys, volumes, snapshots, addresses, firewalls, networks, tags; what
 * it asks for them, and what becomes of every state. Nodes, pages and errors are test_ec2.c.
 */
#include "tests/plugins/ec2_stand.h"

/* ---- images, sizes, keys */

static void test_ec2_resources__knows_every_state_of_an_image(void **state)
{
#define IMAGE(name) "<item><imageId>ami</imageId><imageState>" name "</imageState></item>"
    static const mock_reply replies[] = {
        {.body = "<R><imagesSet>" IMAGE("available") IMAGE("pending") IMAGE("transient")
             IMAGE("deregistered") IMAGE("invalid") IMAGE("failed") IMAGE("error")
                 IMAGE("disabled") "</imagesSet></R>"},
    };
    static const int32_t states[] = {
        NEPH_IMAGE_AVAILABLE, NEPH_IMAGE_PENDING, NEPH_IMAGE_PENDING, NEPH_IMAGE_DELETED,
        NEPH_IMAGE_FAILED,    NEPH_IMAGE_FAILED,  NEPH_IMAGE_FAILED,  NEPH_IMAGE_STATE_UNKNOWN};
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    call = neph_image_list(at->cloud, NULL);
    for (size_t i = 0; i < NEPH_COUNT(states); i++)
        assert_int_equal(neph_next_image(call)->state, states[i]);
    ec2_done(call);
}

static void test_ec2_resources__creates_and_deletes_images(void **state)
{
    static const mock_reply replies[] = {{.body = "<R><imageId>ami-9</imageId></R>"}, {.body = OK}};
    neph_label_options options = NEPH_LABEL_OPTIONS_INIT;
    stand *at = *state;
    neph_call *call;
    options.description = "d";
    OPEN(at, replies);
    call = neph_image_create(at->cloud, "i-1", "golden", &options);
    assert_int_equal(stand_run(call), 0);
    assert_string_equal(((const neph_image *)neph_call_result(call))->id, "ami-9");
    assert_string_equal(((const neph_image *)neph_call_result(call))->name, "golden");
    neph_call_free(call);
    ec2_done(neph_image_delete(at->cloud, "ami-9"));
    assert_true(
        ec2_has_form(at, 0,
                     "Action=CreateImage" V "&InstanceId=i-1&Name=golden&Description=d"
                     "&TagSpecification.1.Tag.1.Key=neph-token&TagSpecification.1.Tag.1.Value="));
    assert_true(ec2_has_form(at, 0, "&TagSpecification.1.ResourceType=image"));
    ec2_assert_form(at, 1, "Action=DeregisterImage" V "&ImageId=ami-9");
}

static void test_ec2_resources__reads_the_sizes_of_a_server(void **state)
{
    static const char *const ids[] = {"t3.micro", "m5d.large"};
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    const neph_size *size;
    stand *at = *state;
    neph_call *call;
    options.ids = ids;
    options.id_count = 2;
    ec2_open_recorded(at, "sizes");
    call = neph_size_list(at->cloud, &options);
    size = neph_next_size(call);
    assert_string_equal(size->id, "m5d.large");
    assert_true(size->cpus_nano == 2 * NEPH_NANO);
    assert_true(size->ram_bytes == 8 * GIB);
    assert_true(size->disk_bytes == INT64_C(75000000000));
    assert_true(size->price_nano == NEPH_UNKNOWN);
    assert_int_equal(size->architecture_count, 1);
    assert_string_equal(size->architectures[0], "x86_64");
    size = neph_next_size(call);
    assert_string_equal(size->id, "t3.micro");
    assert_true(size->ram_bytes == 1 * GIB);
    assert_true(size->disk_bytes == NEPH_UNKNOWN);
    assert_null(neph_next_size(call));
    ec2_done(call);
}

static void test_ec2_resources__makes_and_takes_keys(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<R><keyName>k</keyName><keyFingerprint>f</keyFingerprint>"
                 "<keyMaterial>-----BEGIN-----</keyMaterial></R>"},
        {.body = "<R><keyName>k</keyName><keyFingerprint>f</keyFingerprint></R>"},
        {.body = OK},
    };
    const neph_key *key;
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    call = neph_key_create(at->cloud, "k");
    assert_int_equal(stand_run(call), 0);
    key = (const neph_key *)neph_call_result(call);
    assert_string_equal(key->name, "k");
    assert_string_equal(key->fingerprint, "f");
    assert_string_equal(key->private_key, "-----BEGIN-----");
    neph_call_free(call);
    ec2_done(neph_key_import(at->cloud, "k", "ssh-rsa AAAA me"));
    ec2_done(neph_key_delete(at->cloud, "k"));
    ec2_assert_form(at, 0, "Action=CreateKeyPair" V "&KeyName=k");
    ec2_assert_form(at, 1,
                    "Action=ImportKeyPair" V "&KeyName=k&PublicKeyMaterial=c3NoLXJzYSBBQUFBIG1l");
    ec2_assert_form(at, 2, "Action=DeleteKeyPair" V "&KeyName=k");
}

/* ---- volumes and snapshots */

#define VOLUME(status, attachment)                                                                 \
    "<item><volumeId>vol-1</volumeId><size>8</size><status>" status                                \
    "</status><attachmentSet>" attachment "</attachmentSet></item>"
#define ATTACHED(status)                                                                           \
    "<item><instanceId>i-1</instanceId><device>/dev/sdf</device><status>" status "</status></item>"
#define VOLUMES(inside) "<R><volumeSet>" inside "</volumeSet></R>"

static void test_ec2_resources__knows_every_state_of_a_volume(void **state)
{
    static const mock_reply replies[] = {
        {.body = VOLUMES(VOLUME("creating", "") VOLUME("available", "") VOLUME("in-use", "") VOLUME(
             "deleting", "") VOLUME("deleted", "") VOLUME("error", "") VOLUME("floating", ""))},
    };
    static const int32_t states[] = {
        NEPH_VOLUME_CREATING, NEPH_VOLUME_AVAILABLE, NEPH_VOLUME_IN_USE,       NEPH_VOLUME_DELETING,
        NEPH_VOLUME_DELETED,  NEPH_VOLUME_FAILED,    NEPH_VOLUME_STATE_UNKNOWN};
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    call = neph_volume_list(at->cloud, NULL);
    for (size_t i = 0; i < NEPH_COUNT(states); i++) {
        const neph_volume *volume = neph_next_volume(call);
        assert_int_equal(volume->state, states[i]);
        assert_int_equal(volume->attachment_state, NEPH_ATTACHMENT_STATE_UNKNOWN);
        assert_null(volume->node_id);
        assert_true(volume->size_bytes == 8 * GIB);
    }
    ec2_done(call);
}

static void test_ec2_resources__knows_every_state_of_an_attachment(void **state)
{
    static const mock_reply replies[] = {
        {.body = VOLUMES(
             VOLUME("in-use", ATTACHED("attaching")) VOLUME("in-use", ATTACHED("attached"))
                 VOLUME("in-use", ATTACHED("detaching")) VOLUME("available", ATTACHED("detached"))
                     VOLUME("in-use", ATTACHED("busy")) VOLUME("in-use", ATTACHED("odd")))},
    };
    static const int32_t states[] = {NEPH_ATTACHMENT_ATTACHING, NEPH_ATTACHMENT_ATTACHED,
                                     NEPH_ATTACHMENT_DETACHING, NEPH_ATTACHMENT_DETACHED,
                                     NEPH_ATTACHMENT_BUSY,      NEPH_ATTACHMENT_STATE_UNKNOWN};
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    call = neph_volume_list(at->cloud, NULL);
    for (size_t i = 0; i < NEPH_COUNT(states); i++) {
        const neph_volume *volume = neph_next_volume(call);
        assert_int_equal(volume->attachment_state, states[i]);
        assert_string_equal(volume->node_id, "i-1");
        assert_string_equal(volume->device, "/dev/sdf");
    }
    ec2_done(call);
}

static void test_ec2_resources__creates_volumes_of_whole_gib(void **state)
{
    static const mock_reply replies[] = {{.body = "<R><volumeId>vol-1</volumeId></R>", .stays = 1}};
    neph_volume_options options = NEPH_VOLUME_OPTIONS_INIT;
    stand *at = *state;
    options.name = "d";
    options.size_bytes = 8 * GIB + 1;
    options.location_id = "us-east-1a";
    options.type = "gp3";
    options.iops = 4000;
    options.is_encrypted = 1;
    options.token = "T";
    OPEN(at, replies);
    ec2_done(neph_volume_create(at->cloud, &options));
    ec2_assert_form(at, 1,
                    "Action=CreateVolume" V
                    "&ClientToken=T&Size=9&AvailabilityZone=us-east-1a&VolumeType=gp3"
                    "&Iops=4000&Encrypted=true&TagSpecification.1.Tag.1.Key=Name"
                    "&TagSpecification.1.Tag.1.Value=d&TagSpecification.1.Tag.2.Key=neph-token"
                    "&TagSpecification.1.Tag.2.Value=T&TagSpecification.1.ResourceType=volume");
}

static void test_ec2_resources__sends_nothing_for_a_volume_that_cannot_be(void **state)
{
    neph_volume_options options = NEPH_VOLUME_OPTIONS_INIT;
    stand *at = *state;
    ec2_open(at, NULL, 0);
    options.name = "d";
    options.size_bytes = GIB;
    ec2_fails(neph_volume_create(at->cloud, &options), NEPH_INVALID, "location_id");
    options.location_id = "us-east-1a";
    options.size_bytes = 0;
    ec2_fails(neph_volume_create(at->cloud, &options), NEPH_INVALID, "snapshot_id");
    assert_int_equal(at->mock.request_count, 0);
}

static void test_ec2_resources__attaches_at_the_next_free_device(void **state)
{
    stand *at = *state;
    ec2_open_recorded(at, "attach");
    ec2_done(
        neph_volume_attach(at->cloud, "vol-d19aeeb29a4b3dce5", "i-046ce95c4b8a6e7bb", NULL, NULL));
}

#define DEVICE(name) "<item><deviceName>" name "</deviceName></item>"
#define DEVICES(inside) NODES(NODE("i-1", "<blockDeviceMapping>" inside "</blockDeviceMapping>"))

static void test_ec2_resources__passes_over_devices_that_are_taken(void **state)
{
    static const mock_reply replies[] = {
        {.body =
             DEVICES(DEVICE("/dev/sda1") DEVICE("/dev/xvdf") DEVICE("sdg") DEVICE("/dev/nvme1"))},
        {.body = OK},
        {.body = OK},
        {.body = DEVICES(DEVICE("/dev/sdf") DEVICE("/dev/sdg") DEVICE("/dev/sdh") DEVICE(
             "/dev/sdi") DEVICE("/dev/sdj") DEVICE("/dev/sdk") DEVICE("/dev/sdl") DEVICE("/dev/sdm")
                             DEVICE("/dev/sdn") DEVICE("/dev/sdo") DEVICE("/dev/sdp"))},
    };
    stand *at = *state;
    OPEN(at, replies);
    ec2_done(neph_volume_attach(at->cloud, "vol-1", "i-1", NULL, NULL));
    ec2_assert_form(at, 0, "Action=DescribeInstances" V "&InstanceId.1=i-1");
    ec2_assert_form(at, 1,
                    "Action=AttachVolume" V "&VolumeId=vol-1&InstanceId=i-1&Device=%2Fdev%2Fsdh");
    ec2_done(neph_volume_attach(at->cloud, "vol-1", "i-1", "/dev/sdz", NULL));
    ec2_assert_form(at, 2,
                    "Action=AttachVolume" V "&VolumeId=vol-1&InstanceId=i-1&Device=%2Fdev%2Fsdz");
    ec2_fails(neph_volume_attach(at->cloud, "vol-1", "i-1", NULL, NULL), NEPH_LIMIT,
              "no device left");
    assert_int_equal(at->mock.request_count, 4);
}

static void test_ec2_resources__detaches_from_the_node_that_has_it(void **state)
{
    static const mock_reply replies[] = {
        {.body = VOLUMES(VOLUME("in-use", ATTACHED("attached")))},
        {.body = OK},
        {.body = VOLUMES(VOLUME("available", "")), .stays = 1},
    };
    stand *at = *state;
    OPEN(at, replies);
    ec2_done(neph_volume_detach(at->cloud, "vol-1", 1, NULL));
    ec2_assert_form(at, 0, "Action=DescribeVolumes" V "&VolumeId.1=vol-1");
    ec2_assert_form(at, 1, "Action=DetachVolume" V "&VolumeId=vol-1&InstanceId=i-1&Force=true");
    ec2_fails(neph_volume_detach(at->cloud, "vol-1", 0, NULL), NEPH_CONFLICT, "no node has");
    assert_int_equal(at->mock.request_count, 4);
}

static void test_ec2_resources__makes_volumes_larger_only(void **state)
{
    static const mock_reply replies[] = {
        {.body = VOLUMES(VOLUME("available", ""))},
        {.body = OK},
        {.body = VOLUMES(VOLUME("available", "")), .stays = 1},
    };
    stand *at = *state;
    OPEN(at, replies);
    ec2_done(neph_volume_resize(at->cloud, "vol-1", 8 * GIB + 1));
    ec2_assert_form(at, 1, "Action=ModifyVolume" V "&VolumeId=vol-1&Size=9");
    ec2_fails(neph_volume_resize(at->cloud, "vol-1", 8 * GIB), NEPH_INVALID, "8 GiB");
    ec2_fails(neph_volume_resize(at->cloud, "vol-1", 1), NEPH_INVALID, "only grow");
    assert_int_equal(at->mock.request_count, 4);
}

static void test_ec2_resources__knows_every_state_of_a_snapshot(void **state)
{
#define SNAPSHOT(name, progress)                                                                   \
    "<item><snapshotId>snap</snapshotId><volumeSize>8</volumeSize><status>" name                   \
    "</status><progress>" progress "</progress></item>"
    static const mock_reply replies[] = {
        {.body = "<R><snapshotSet>" SNAPSHOT("pending", "42%") SNAPSHOT("completed", "100%")
             SNAPSHOT("error", "") SNAPSHOT("recoverable", "100%") SNAPSHOT("recovering", "0%")
                 SNAPSHOT("odd", "7") "</snapshotSet></R>"},
    };
    static const struct {
        int32_t state;
        int64_t progress;
    } rows[] = {{NEPH_SNAPSHOT_PENDING, 42},          {NEPH_SNAPSHOT_COMPLETED, 100},
                {NEPH_SNAPSHOT_FAILED, NEPH_UNKNOWN}, {NEPH_SNAPSHOT_DELETING, 100},
                {NEPH_SNAPSHOT_PENDING, 0},           {NEPH_SNAPSHOT_STATE_UNKNOWN, 7}};
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    call = neph_snapshot_list(at->cloud, NULL);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const neph_snapshot *snapshot = neph_next_snapshot(call);
        assert_int_equal(snapshot->state, rows[i].state);
        assert_true(snapshot->progress_percent == rows[i].progress);
        assert_true(snapshot->size_bytes == 8 * GIB);
    }
    ec2_done(call);
}

static void test_ec2_resources__marks_a_snapshot_with_the_token(void **state)
{
    neph_label_options options = NEPH_LABEL_OPTIONS_INIT;
    const neph_snapshot *snapshot;
    stand *at = *state;
    neph_call *call;
    options.description = "d";
    options.token = "fixed-token";
    ec2_open_recorded(at, "snapshot");
    call = neph_snapshot_create(at->cloud, "vol-d19aeeb29a4b3dce5", "nightly", &options);
    if (stand_run(call))
        fail_msg("%s", neph_call_error(call)->message);
    snapshot = (const neph_snapshot *)neph_call_result(call);
    assert_string_equal(snapshot->name, "nightly");
    assert_string_equal(snapshot->tags[1].name, NEPH_TOKEN_TAG);
    assert_string_equal(snapshot->tags[1].value, "fixed-token");
    assert_true(snapshot->size_bytes == 2 * GIB);
    neph_call_free(call);
}

/* ---- addresses */

static void test_ec2_resources__allocates_an_address_with_name_and_token(void **state)
{
    neph_label_options options = NEPH_LABEL_OPTIONS_INIT;
    const neph_address *address;
    stand *at = *state;
    neph_call *call;
    options.token = "fixed-token";
    ec2_open_recorded(at, "address");
    call = neph_address_allocate(at->cloud, "pub", &options);
    if (stand_run(call))
        fail_msg("%s", neph_call_error(call)->message);
    address = (const neph_address *)neph_call_result(call);
    assert_string_equal(address->id, "eipalloc-3877af9ce5dbd3fc8");
    assert_string_equal(address->name, "pub");
    assert_non_null(address->ip);
    assert_null(address->node_id);
    neph_call_free(call);
}

static void test_ec2_resources__reads_the_addresses_of_a_server(void **state)
{
    const neph_address *address;
    stand *at = *state;
    neph_call *call;
    ec2_open_recorded(at, "addresses");
    call = neph_address_list(at->cloud, NULL);
    address = neph_next_address(call);
    assert_string_equal(address->id, "eipalloc-3877af9ce5dbd3fc8");
    assert_string_equal(address->name, "pub");
    assert_string_equal(address->node_id, "i-046ce95c4b8a6e7bb");
    assert_non_null(address->association_id);
    ec2_done(call);
}

static void test_ec2_resources__knows_an_address_without_an_id_by_itself(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<R><addressesSet><item><publicIp>192.0.2.7</publicIp><instanceId/></item>"
                 "</addressesSet></R>"}};
    const neph_address *address;
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    call = neph_address_list(at->cloud, NULL);
    address = neph_next_address(call);
    assert_string_equal(address->id, "192.0.2.7");
    assert_null(address->node_id);
    ec2_done(call);
}

static void test_ec2_resources__takes_no_address_away_unless_told_to(void **state)
{
    static const mock_reply replies[] = {{.body = OK, .stays = 1}};
    stand *at = *state;
    OPEN(at, replies);
    ec2_done(neph_address_associate(at->cloud, "eipalloc-1", "i-1", 0));
    ec2_done(neph_address_associate(at->cloud, "eipalloc-1", "i-1", 1));
    ec2_assert_form(at, 0,
                    "Action=AssociateAddress" V
                    "&AllocationId=eipalloc-1&InstanceId=i-1&AllowReassociation=false");
    ec2_assert_form(at, 1,
                    "Action=AssociateAddress" V
                    "&AllocationId=eipalloc-1&InstanceId=i-1&AllowReassociation=true");
}

static void test_ec2_resources__ends_the_association_that_there_is(void **state)
{
    stand *at = *state;
    ec2_open_recorded(at, "disassociate");
    ec2_done(neph_address_disassociate(at->cloud, "eipalloc-3877af9ce5dbd3fc8"));
}

#define ADDRESS(inside)                                                                            \
    "<R><addressesSet><item><publicIp>192.0.2.7</publicIp>" inside "</item></addressesSet></R>"

static void test_ec2_resources__leaves_an_address_that_leads_nowhere(void **state)
{
    static const mock_reply replies[] = {{.body = ADDRESS("")}};
    stand *at = *state;
    OPEN(at, replies);
    ec2_done(neph_address_disassociate(at->cloud, "eipalloc-1"));
    assert_int_equal(at->mock.request_count, 1);
}

static void test_ec2_resources__releases_no_address_in_use(void **state)
{
    static const mock_reply replies[] = {
        {.body = ADDRESS("<instanceId>i-1</instanceId><associationId>eipassoc-1</associationId>")},
        {.body = ADDRESS("")},
        {.body = OK},
    };
    stand *at = *state;
    OPEN(at, replies);
    ec2_fails(neph_address_release(at->cloud, "eipalloc-1"), NEPH_CONFLICT, "leads to i-1");
    assert_int_equal(at->mock.request_count, 1);
    ec2_done(neph_address_release(at->cloud, "eipalloc-1"));
    ec2_assert_form(at, 2, "Action=ReleaseAddress" V "&AllocationId=eipalloc-1");
}

/* ---- firewalls and rules */

static void test_ec2_resources__creates_and_deletes_firewalls(void **state)
{
    static const mock_reply replies[] = {{.body = "<R><groupId>sg-9</groupId></R>"}, {.body = OK}};
    neph_label_options options = NEPH_LABEL_OPTIONS_INIT;
    const neph_firewall *firewall;
    stand *at = *state;
    neph_call *call;
    options.network_id = "vpc-1";
    OPEN(at, replies);
    call = neph_firewall_create(at->cloud, "web", &options);
    assert_int_equal(stand_run(call), 0);
    firewall = (const neph_firewall *)neph_call_result(call);
    assert_string_equal(firewall->id, "sg-9");
    assert_string_equal(firewall->name, "web");
    assert_string_equal(firewall->description, "web");
    assert_string_equal(firewall->network_id, "vpc-1");
    neph_call_free(call);
    ec2_done(neph_firewall_delete(at->cloud, "sg-9"));
    assert_true(ec2_has_form(at, 0,
                             "Action=CreateSecurityGroup" V
                             "&GroupName=web&GroupDescription=web&VpcId=vpc-1"
                             "&TagSpecification.1.Tag.1.Key=neph-token&"));
    ec2_assert_form(at, 1, "Action=DeleteSecurityGroup" V "&GroupId=sg-9");
}

static void test_ec2_resources__reads_the_rules_of_a_server(void **state)
{
    static const struct {
        int32_t direction;
        const char *protocol;
        int64_t from, to;
        const char *cidr, *peer, *description;
    } rows[] = {
        {NEPH_DIRECTION_EGRESS, "any", NEPH_UNKNOWN, NEPH_UNKNOWN, "0.0.0.0/0", NULL, NULL},
        {NEPH_DIRECTION_INGRESS, "tcp", 22, 22, "192.0.2.0/24", NULL, "ssh"},
        {NEPH_DIRECTION_INGRESS, "icmp", 8, -1, "2001:db8::/32", NULL, NULL},
        {NEPH_DIRECTION_INGRESS, "any", NEPH_UNKNOWN, NEPH_UNKNOWN, NULL, "sg-51c5f6f43f17cce22",
         NULL},
    };
    stand *at = *state;
    neph_call *call;
    ec2_open_recorded(at, "rules");
    call = neph_rule_list(at->cloud, "sg-51c5f6f43f17cce22", NULL);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const neph_firewall_rule *rule = neph_next_firewall_rule(call);
        assert_non_null(rule);
        assert_int_equal(rule->direction, rows[i].direction);
        assert_string_equal(rule->protocol, rows[i].protocol);
        assert_true(rule->port_from == rows[i].from);
        assert_true(rule->port_to == rows[i].to);
        assert_string_equal(rule->cidr ? rule->cidr : "", rows[i].cidr ? rows[i].cidr : "");
        assert_string_equal(rule->peer_id ? rule->peer_id : "", rows[i].peer ? rows[i].peer : "");
        assert_string_equal(rule->description ? rule->description : "",
                            rows[i].description ? rows[i].description : "");
        assert_string_equal(rule->firewall_id, "sg-51c5f6f43f17cce22");
    }
    assert_null(neph_next_firewall_rule(call));
    ec2_done(call);
}

static void test_ec2_resources__tells_one_rule_for_each_other_end(void **state)
{
    static const mock_reply replies[] = {
        {.body =
             "<R><securityGroupInfo><item><ipPermissions><item><groups><item><groupId>sg-2"
             "</groupId></item></groups><ipRanges><item><cidrIp>192.0.2.1/32</cidrIp></item><item>"
             "<cidrIp>192.0.2.2/32</cidrIp></item></ipRanges><toPort>443</toPort><fromPort>80"
             "</fromPort><ipProtocol>tcp</ipProtocol></item></ipPermissions></item>"
             "</securityGroupInfo></R>"},
    };
    static const char *const ends[] = {"192.0.2.1/32", "192.0.2.2/32", "sg-2"};
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    call = neph_rule_list(at->cloud, "sg-1", NULL);
    for (size_t i = 0; i < NEPH_COUNT(ends); i++) {
        const neph_firewall_rule *rule = neph_next_firewall_rule(call);
        assert_string_equal(rule->cidr ? rule->cidr : rule->peer_id, ends[i]);
        assert_int_equal(rule->direction, NEPH_DIRECTION_INGRESS);
        assert_true(rule->port_from == 80 && rule->port_to == 443);
    }
    ec2_done(call);
}

static void test_ec2_resources__adds_and_removes_rules_by_the_same_words(void **state)
{
    static const mock_reply replies[] = {{.body = OK, .stays = 1}};
    static const struct {
        int32_t direction;
        const char *protocol;
        int64_t from, to;
        const char *cidr, *peer, *form;
    } rows[] = {
        {0, NULL, 22, NEPH_UNKNOWN, "192.0.2.0/24", NULL,
         "tcp&IpPermissions.1.FromPort=22&IpPermissions.1.ToPort=22"
         "&IpPermissions.1.IpRanges.1.CidrIp=192.0.2.0%2F24"},
        {0, "udp", NEPH_UNKNOWN, NEPH_UNKNOWN, "::/0", NULL,
         "udp&IpPermissions.1.FromPort=0&IpPermissions.1.ToPort=65535"
         "&IpPermissions.1.Ipv6Ranges.1.CidrIpv6=%3A%3A%2F0"},
        {0, "6", 80, 443, NULL, "sg-2",
         "tcp&IpPermissions.1.FromPort=80&IpPermissions.1.ToPort=443"
         "&IpPermissions.1.Groups.1.GroupId=sg-2"},
        {0, "icmp", 8, NEPH_UNKNOWN, "0.0.0.0/0", NULL,
         "icmp&IpPermissions.1.FromPort=8&IpPermissions.1.ToPort=-1"
         "&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0%2F0"},
        {0, "icmp", NEPH_UNKNOWN, NEPH_UNKNOWN, "0.0.0.0/0", NULL,
         "icmp&IpPermissions.1.FromPort=-1&IpPermissions.1.ToPort=-1"
         "&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0%2F0"},
        {0, "any", NEPH_UNKNOWN, NEPH_UNKNOWN, "0.0.0.0/0", NULL,
         "-1&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0%2F0"},
        {0, "50", NEPH_UNKNOWN, NEPH_UNKNOWN, "0.0.0.0/0", NULL,
         "50&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0%2F0"},
    };
    stand *at = *state;
    OPEN(at, replies);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        neph_rule_options rule = NEPH_RULE_OPTIONS_INIT;
        char form[512];
        rule.protocol = rows[i].protocol;
        rule.port_from = rows[i].from;
        rule.port_to = rows[i].to;
        rule.cidr = rows[i].cidr;
        rule.peer_id = rows[i].peer;
        rule.direction = i % 2 ? NEPH_DIRECTION_EGRESS : 0;
        ec2_done(neph_rule_add(at->cloud, "sg-1", &rule));
        ec2_done(neph_rule_remove(at->cloud, "sg-1", &rule));
        snprintf(form, sizeof form,
                 "Action=AuthorizeSecurityGroup%s" V "&GroupId=sg-1&IpPermissions.1.IpProtocol=%s",
                 i % 2 ? "Egress" : "Ingress", rows[i].form);
        ec2_assert_form(at, 2 * i, form);
        snprintf(form, sizeof form,
                 "Action=RevokeSecurityGroup%s" V "&GroupId=sg-1&IpPermissions.1.IpProtocol=%s",
                 i % 2 ? "Egress" : "Ingress", rows[i].form);
        ec2_assert_form(at, 2 * i + 1, form);
    }
}

static void test_ec2_resources__describes_a_rule_at_its_other_end(void **state)
{
    static const mock_reply replies[] = {{.body = OK, .stays = 1}};
    neph_rule_options rule = NEPH_RULE_OPTIONS_INIT;
    stand *at = *state;
    rule.cidr = "192.0.2.0/24";
    rule.port_from = 22;
    rule.description = "ssh";
    OPEN(at, replies);
    ec2_done(neph_rule_add(at->cloud, "sg-1", &rule));
    rule.cidr = NULL;
    rule.peer_id = "sg-2";
    ec2_done(neph_rule_add(at->cloud, "sg-1", &rule));
    assert_true(ec2_has_form(at, 0, "&IpPermissions.1.IpRanges.1.Description=ssh"));
    assert_true(ec2_has_form(at, 1, "&IpPermissions.1.Groups.1.Description=ssh"));
}

static void test_ec2_resources__sends_no_rule_that_cannot_be(void **state)
{
    neph_rule_options rule = NEPH_RULE_OPTIONS_INIT;
    stand *at = *state;
    ec2_open(at, NULL, 0);
    ec2_fails(neph_rule_add(at->cloud, "sg-1", &rule), NEPH_INVALID, "one other end");
    rule.cidr = "192.0.2.0/24";
    rule.peer_id = "sg-2";
    ec2_fails(neph_rule_add(at->cloud, "sg-1", &rule), NEPH_INVALID, "one other end");
    rule.peer_id = NULL;
    rule.port_to = 22;
    ec2_fails(neph_rule_add(at->cloud, "sg-1", &rule), NEPH_INVALID, "port_from");
    rule.port_from = 22;
    rule.protocol = "any";
    ec2_fails(neph_rule_add(at->cloud, "sg-1", &rule), NEPH_INVALID, "has no ports");
    assert_int_equal(at->mock.request_count, 0);
}

static void test_ec2_resources__says_that_there_was_no_such_rule(void **state)
{
    static const mock_reply replies[] = {
        {.body =
             "<R><return>true</return><unknownIpPermissionSet><item><ipProtocol>tcp</ipProtocol>"
             "</item></unknownIpPermissionSet></R>"}};
    neph_rule_options rule = NEPH_RULE_OPTIONS_INIT;
    stand *at = *state;
    rule.cidr = "192.0.2.0/24";
    OPEN(at, replies);
    ec2_fails(neph_rule_remove(at->cloud, "sg-1", &rule), NEPH_NOT_FOUND, "no such rule");
}

/* ---- networks and tags */

static void test_ec2_resources__reads_networks_and_subnets(void **state)
{
    static const mock_reply replies[] = {
        {.body = "<R><vpcSet><item><vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/16</cidrBlock>"
                 "<isDefault>true</isDefault><cidrBlockAssociationSet><item><cidrBlock>10.0.0.0/16"
                 "</cidrBlock></item><item><cidrBlock>10.1.0.0/16</cidrBlock></item>"
                 "</cidrBlockAssociationSet></item></vpcSet></R>"},
        {.body = "<R><subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><cidrBlock>"
                 "10.0.1.0/24</cidrBlock><availableIpAddressCount>251</availableIpAddressCount>"
                 "<availabilityZone>us-east-1a</availabilityZone><tagSet><item><key>Name</key>"
                 "<value>front</value></item></tagSet></item></subnetSet></R>"},
    };
    const neph_network *network;
    const neph_subnet *subnet;
    stand *at = *state;
    neph_call *call;
    OPEN(at, replies);
    call = neph_network_list(at->cloud, NULL);
    network = neph_next_network(call);
    assert_string_equal(network->id, "vpc-1");
    assert_int_equal(network->cidr_count, 2);
    assert_string_equal(network->cidrs[1], "10.1.0.0/16");
    assert_int_equal(network->is_default, 1);
    ec2_done(call);
    call = neph_subnet_list(at->cloud, NULL);
    subnet = neph_next_subnet(call);
    assert_string_equal(subnet->id, "subnet-1");
    assert_string_equal(subnet->name, "front");
    assert_string_equal(subnet->cidr, "10.0.1.0/24");
    assert_string_equal(subnet->network_id, "vpc-1");
    assert_string_equal(subnet->location_id, "us-east-1a");
    assert_int_equal(subnet->free_addresses, 251);
    ec2_done(call);
}

static void test_ec2_resources__reads_the_tags_of_a_server(void **state)
{
    static const char *const rows[][2] = {{"Name", "box"}, {"env", "test"}, {"empty", ""}};
    stand *at = *state;
    neph_call *call;
    ec2_open_recorded(at, "tags");
    call = neph_tag_list(at->cloud, "i-046ce95c4b8a6e7bb", NULL);
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        const neph_tag *tag = neph_next_tag(call);
        assert_string_equal(tag->name, rows[i][0]);
        assert_string_equal(tag->value, rows[i][1]);
        assert_string_equal(tag->resource_id, "i-046ce95c4b8a6e7bb");
    }
    ec2_done(call);
}

static void test_ec2_resources__sets_and_removes_tags(void **state)
{
    static const mock_reply replies[] = {{.body = OK, .stays = 1}};
    stand *at = *state;
    OPEN(at, replies);
    ec2_done(neph_tag_set(at->cloud, "vol-1", "k", ""));
    ec2_done(neph_tag_remove(at->cloud, "vol-1", "k"));
    ec2_assert_form(at, 0, "Action=CreateTags" V "&ResourceId.1=vol-1&Tag.1.Key=k&Tag.1.Value=");
    ec2_assert_form(at, 1, "Action=DeleteTags" V "&ResourceId.1=vol-1&Tag.1.Key=k");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAND_TEST(test_ec2_resources__knows_every_state_of_an_image),
        STAND_TEST(test_ec2_resources__creates_and_deletes_images),
        STAND_TEST(test_ec2_resources__reads_the_sizes_of_a_server),
        STAND_TEST(test_ec2_resources__makes_and_takes_keys),
        STAND_TEST(test_ec2_resources__knows_every_state_of_a_volume),
        STAND_TEST(test_ec2_resources__knows_every_state_of_an_attachment),
        STAND_TEST(test_ec2_resources__creates_volumes_of_whole_gib),
        STAND_TEST(test_ec2_resources__sends_nothing_for_a_volume_that_cannot_be),
        STAND_TEST(test_ec2_resources__attaches_at_the_next_free_device),
        STAND_TEST(test_ec2_resources__passes_over_devices_that_are_taken),
        STAND_TEST(test_ec2_resources__detaches_from_the_node_that_has_it),
        STAND_TEST(test_ec2_resources__makes_volumes_larger_only),
        STAND_TEST(test_ec2_resources__knows_every_state_of_a_snapshot),
        STAND_TEST(test_ec2_resources__marks_a_snapshot_with_the_token),
        STAND_TEST(test_ec2_resources__allocates_an_address_with_name_and_token),
        STAND_TEST(test_ec2_resources__reads_the_addresses_of_a_server),
        STAND_TEST(test_ec2_resources__knows_an_address_without_an_id_by_itself),
        STAND_TEST(test_ec2_resources__takes_no_address_away_unless_told_to),
        STAND_TEST(test_ec2_resources__ends_the_association_that_there_is),
        STAND_TEST(test_ec2_resources__leaves_an_address_that_leads_nowhere),
        STAND_TEST(test_ec2_resources__releases_no_address_in_use),
        STAND_TEST(test_ec2_resources__creates_and_deletes_firewalls),
        STAND_TEST(test_ec2_resources__reads_the_rules_of_a_server),
        STAND_TEST(test_ec2_resources__tells_one_rule_for_each_other_end),
        STAND_TEST(test_ec2_resources__adds_and_removes_rules_by_the_same_words),
        STAND_TEST(test_ec2_resources__describes_a_rule_at_its_other_end),
        STAND_TEST(test_ec2_resources__sends_no_rule_that_cannot_be),
        STAND_TEST(test_ec2_resources__says_that_there_was_no_such_rule),
        STAND_TEST(test_ec2_resources__reads_networks_and_subnets),
        STAND_TEST(test_ec2_resources__reads_the_tags_of_a_server),
        STAND_TEST(test_ec2_resources__sets_and_removes_tags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
