#!/usr/bin/python3
"""extensions.py: what only one provider has, "neph call PROVIDER.NAME", on a real server: ec2 on moto.

    extensions.py NEPH [--only TEXT]... [--total FILE]

The server is the one that AWS_ENDPOINT_URL names (tests/servers/moto.sh env). Some requests are compared with what
the server itself then tells by other operations.
"""
import argparse, os, re, sys, tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import *  # noqa: E402

NAMES = ['spot_price_history', 'modify_instance_attribute', 'console_output', 'describe_vpcs', 'describe_subnets']
# The secret is redacted wherever it stands: no word of a request is like it.
KEYS = {'AWS_ACCESS_KEY_ID': 'extensions', 'AWS_SECRET_ACCESS_KEY': 'a/key/of/nobody', 'AWS_REGION': 'us-east-1'}
NO_NODE, NO_VPC, NO_SUBNET = 'i-00000000000000000', 'vpc-00000000', 'subnet-00000000'


class Target:
    def __init__(self, a, endpoint):
        self.neph = Neph(a.neph, 'ec2', {'endpoint': endpoint}, KEYS)
        self.made = None

    def ask(self, *args):
        return self.neph.run('-c', 'ec2', *args)

    def call(self, name, *words, options=()):
        return self.neph.run('call', f'ec2.{name}', *words, *options)

    def rows(self, name, *words):
        return self.call(name, *words, options=('-o', 'json')).want(DONE).json()

    def node(self):
        """One node for all cases."""
        if not self.made:
            images = self.ask('image', 'list', '--limit', '1', '-o', 'json').want(DONE).json()
            made = self.ask('node', 'create', 'extensions', images[0]['id'], 't3.micro', '-o', 'json').want(DONE).json()
            self.made = (made[0] if isinstance(made, list) else made)['id']
        return self.made

    def form(self, name, *words):
        """The form that a call sends."""
        result = self.call(name, *words, options=('--trace',))
        found = re.search(r'^> (Action=.*)$', result.err, re.M)
        check(found, f'{result}; no form in the trace')
        return found[1]

    def stop(self):
        if self.made:
            self.ask('node', 'destroy', self.made)


def same(found, wanted, what):
    check(found == wanted, f'{what}: {found}, wanted {wanted}')


@case()
def they_are_told(t):
    told = t.ask('provider', 'show', 'ec2').want(DONE).out.decode()
    for name in NAMES:
        check(f'ec2.{name} ' in told, f'provider show does not tell ec2.{name}')
        shown = t.call(name, options=('--help',)).want(DONE).out.decode()
        check(shown.startswith('usage: neph') and 'Columns of tsv' in shown, f'{name}: {shown[:200]!r}')
    t.ask('plugin', 'doctor').want(DONE)


@case()
def vpcs(t):
    rows = t.rows('describe_vpcs')
    same(list(rows[0])[:6], ['id', 'state', 'cidr', 'is_default', 'tenancy', 'dhcp_options'], 'columns')
    same((rows[0]['state'], rows[0]['tenancy'], rows[0]['is_default']), ('available', 'default', True), 'the default VPC')
    networks = t.ask('network', 'list', '-o', 'json').want(DONE).json()
    same(sorted(r['id'] for r in rows), sorted(n['id'] for n in networks), 'ids')
    same([r['id'] for r in t.rows('describe_vpcs', f'id={rows[0]["id"]}')], [rows[0]['id']], 'by id')


@case()
def subnets(t):
    rows = t.rows('describe_subnets')
    same(list(rows[0])[:7], ['id', 'state', 'cidr', 'location', 'vpc', 'free_addresses', 'public_ip_on_launch'], 'columns')
    check(rows[0]['free_addresses'] > 0 and rows[0]['public_ip_on_launch'] is True, f'{rows[0]}')
    portable = t.ask('subnet', 'list', '-o', 'json').want(DONE).json()
    same(sorted((r['id'], r['cidr'], r['location']) for r in rows),
         sorted((s['id'], s['cidr'], s['location_id']) for s in portable), 'subnets')
    words = [f'id={r["id"]}' for r in rows[:2]]
    same(sorted(r['id'] for r in t.rows('describe_subnets', *words)), sorted(r['id'] for r in rows[:2]), 'by two ids')
    same(len(t.rows('describe_subnets', f'vpc={rows[0]["vpc"]}')), len(rows), 'by VPC')
    same(t.rows('describe_subnets', f'vpc={NO_VPC}'), [], 'by a VPC that is not there')


@case()
def ids_that_do_not_exist(t):
    t.call('describe_vpcs', f'id={NO_VPC}').want(NOT_FOUND, 'InvalidVpcID.NotFound')
    t.call('describe_subnets', f'id={NO_SUBNET}').want(NOT_FOUND, 'InvalidSubnetID.NotFound')
    t.call('console_output', f'id={NO_NODE}').want(NOT_FOUND, 'InvalidInstanceID.NotFound')
    t.call('modify_instance_attribute', f'id={NO_NODE}', 'attribute=ebs_optimized', 'value=true').want(
        NOT_FOUND, 'InvalidInstanceID.NotFound')


@case()
def spot_prices(t):
    rows = t.rows('spot_price_history', 'instance_type=t3.micro', 'instance_type=m5.large')
    same(list(rows[0]), ['time', 'location', 'instance_type', 'product', 'price'], 'columns')
    same({r['instance_type'] for r in rows}, {'t3.micro', 'm5.large'}, 'types')
    check(all(r['price'] == 0.00001 and r['product'] == 'Linux/UNIX (Amazon VPC)' for r in rows), f'{rows[0]}')
    same(t.rows('spot_price_history', 'instance_type=none.small'), [], 'a type that there is not')
    check(len(t.rows('spot_price_history')) > 1000, 'not every price was listed')


@case()
def spot_prices_of_a_time_and_place(t):
    """moto looks at neither: what is sent is compared."""
    form = t.form('spot_price_history', 'since=2026-11-01', 'until=2026-11-02T12:00:00+02:00', 'location=us-east-1a',
                  'product_description=Linux/UNIX')
    same(form, 'Action=DescribeSpotPriceHistory&Version=2016-11-15&ProductDescription.1=Linux%2FUNIX&AvailabilityZone=us-east-1a'
         '&StartTime=2026-11-01T00%3A00%3A00Z&EndTime=2026-11-02T10%3A00%3A00Z&MaxResults=1000', 'the form')


@case()
def console(t):
    row, = t.rows('console_output', f'id={t.node()}')
    check(row['id'] == t.node() and row['output'].startswith('Linux version 2.6.16-xenU') and row['time'], f'{row}')
    portable = t.ask('node', 'console', t.node(), '-o', 'json').want(DONE).json()
    same(row['output'], (portable[0] if isinstance(portable, list) else portable)['output'], 'what node console shows')
    check('&Latest=true' in t.form('console_output', f'id={t.node()}', 'latest=true'), 'Latest is not sent')


@case()
def attributes(t):
    for attribute, value in (('disable_api_stop', 'true'), ('ebs_optimized', 'true'), ('source_dest_check', 'false'),
                             ('shutdown_behavior', 'stop'), ('disable_api_termination', 'false')):
        row, = t.rows('modify_instance_attribute', f'id={t.node()}', f'attribute={attribute}', f'value={value}')
        same(row, {'id': t.node(), 'attribute': attribute, 'done': True}, attribute)


@case()
def an_attribute_that_can_be_seen(t):
    t.rows('modify_instance_attribute', f'id={t.node()}', 'attribute=instance_type', 'value=m5.large')
    shown = t.ask('node', 'show', t.node(), '-o', 'json').want(DONE).json()
    same((shown[0] if isinstance(shown, list) else shown)['size_id'], 'm5.large', 'the size')


@case()
def user_data_of_a_file(t):
    """In base64 once, as the API reference has it, and without the newline at the end of the file. moto decodes it twice, so that what is sent is compared."""
    with tempfile.NamedTemporaryFile(prefix='conformance-') as f:
        f.write(b'#!/bin/sh\n')
        f.flush()
        form = t.form('modify_instance_attribute', f'id={t.node()}', 'attribute=user_data', f'value=@{f.name}')
    check(form.endswith('&UserData.Value=IyEvYmluL3No'), form)


@case()
def words_that_cannot_be(t):
    """Known before any request."""
    for name, words, said in (('modify_instance_attribute', ('attribute=ebs_optimized', 'value=true'), 'id'),
                              ('modify_instance_attribute', (f'id={NO_NODE}', 'attribute=kernel', 'value=x'), 'one of'),
                              ('modify_instance_attribute', (f'id={NO_NODE}', 'attribute=ebs_optimized', 'value=yes'), 'true or false'),
                              ('spot_price_history', ('since=yesterday',), 'must be a time'),
                              ('spot_price_history', ('instance_tipe=t3.micro',), 'instance_type'),
                              ('describe_vpcs', ('vpc=vpc-1',), 'no parameter')):
        result = t.call(name, *words, options=('--trace',))
        check(result.status == USAGE and said in result.err and 'POST' not in result.err, f'{result}; wanted "{said}" and no request')
    t.call('describe_vpc').want(UNSUPPORTED, 'describe_vpcs')


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('neph')
    ap.add_argument('--only', action='append')
    ap.add_argument('--total')
    a = ap.parse_args()
    a.neph = os.path.abspath(a.neph)
    t = Target(a, os.environ['AWS_ENDPOINT_URL'])
    try:
        counts = run_cases('extensions', 'extensions', t, {}, a.only)
    finally:
        t.stop()
    if a.total:
        with open(a.total, 'a', encoding='ascii') as f:
            print(*counts, file=f)
    else:
        print(f'{counts[0]} passed, {counts[2]} failed')
    return 1 if counts[2] else 0


if __name__ == '__main__':
    sys.exit(main())
