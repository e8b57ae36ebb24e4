"""ec2client.py: a second opinion. The little of EC2 that the compute suite needs to see what really is on moto, written
apart from neph: forms over http.client, unsigned, since moto checks no signature."""
import http.client, re, urllib.parse
import xml.etree.ElementTree as ET

SCOPE = 'AWS4-HMAC-SHA256 Credential=peer/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=' + 64 * '0'


class EC2:
    def __init__(self, port):
        self.port = port

    def ask(self, action, **parameters):
        """The root of the reply, names without namespace. Parameters: Filter_1_Name for Filter.1.Name."""
        form = {'Action': action, 'Version': '2016-11-15', **{n.replace('_', '.'): v for n, v in parameters.items()}}
        conn = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        try:
            conn.request('POST', '/', urllib.parse.urlencode(form),
                         {'Content-Type': 'application/x-www-form-urlencoded', 'Authorization': SCOPE})
            reply = conn.getresponse()
            body = reply.read()
        finally:
            conn.close()
        if reply.status != 200:
            raise RuntimeError(f'{action}: status {reply.status}: {body[:300]!r}')
        return ET.fromstring(re.sub(rb' xmlns="[^"]*"', b'', body))

    def texts(self, path, action, **parameters):
        return [e.text for e in self.ask(action, **parameters).iterfind(path)]

    def nodes(self, name):
        """Ids of the instances with that name that have not ended."""
        found = self.ask('DescribeInstances', Filter_1_Name='tag:Name', Filter_1_Value_1=name)
        return [i.findtext('instanceId') for i in found.iterfind('.//instancesSet/item')
                if i.findtext('instanceState/name') not in ('terminated', 'shutting-down')]

    def named(self, kind, name):
        """Ids of what bears that name: Volumes, Snapshots, Addresses."""
        action, path, member = {'volume': ('DescribeVolumes', './/volumeSet/item', 'volumeId'),
                                'snapshot': ('DescribeSnapshots', './/snapshotSet/item', 'snapshotId'),
                                'address': ('DescribeAddresses', './/addressesSet/item', 'allocationId')}[kind]
        found = self.ask(action)
        return [i.findtext(member) for i in found.iterfind(path)
                if any(t.findtext('key') == 'Name' and t.findtext('value') == name for t in i.iterfind('tagSet/item'))]

    def user_data(self, node):
        """Base64 as the server holds it; None: none."""
        return self.ask('DescribeInstanceAttribute', InstanceId=node, Attribute='userData').findtext('userData/value')
