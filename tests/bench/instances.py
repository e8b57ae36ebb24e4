#!/usr/bin/python3
"""instances.py: what DescribeInstances of EC2 answers for COUNT ordinary machines, to standard output.

    instances.py COUNT
"""
import sys


def H(i, k):
    return format((i * 2654435761 + k * 40503) % (1 << 68), '017x')


def inst(i):
    ip = f'10.{i>>16&255}.{i>>8&255}.{i&255}'; pub = f'54.{i>>16&255}.{i>>8&255}.{i&255}'
    d = f'ip-{ip.replace(".", "-")}.ec2.internal'; D = f'ec2-{pub.replace(".", "-")}.compute-1.amazonaws.com'
    t = f'2024-05-{1+i%28:02d}T{i%24:02d}:{i%60:02d}:11.000Z'
    return f"""<item>
 <reservationId>r-{H(i,1)}</reservationId>
 <ownerId>123456789098</ownerId>
 <groupSet/>
 <instancesSet>
  <item>
   <instanceId>i-{H(i,2)}</instanceId>
   <imageId>ami-{H(i%7,3)}</imageId>
   <instanceState><code>16</code><name>running</name></instanceState>
   <privateDnsName>{d}</privateDnsName>
   <dnsName>{D}</dnsName>
   <reason/>
   <keyName>ops-key</keyName>
   <amiLaunchIndex>0</amiLaunchIndex>
   <productCodes/>
   <instanceType>m5.large</instanceType>
   <launchTime>{t}</launchTime>
   <placement><availabilityZone>us-east-1{'abcdef'[i%6]}</availabilityZone><groupName/><tenancy>default</tenancy></placement>
   <monitoring><state>disabled</state></monitoring>
   <subnetId>subnet-{H(i%6,4)}</subnetId>
   <vpcId>vpc-{H(0,5)}</vpcId>
   <privateIpAddress>{ip}</privateIpAddress>
   <ipAddress>{pub}</ipAddress>
   <sourceDestCheck>true</sourceDestCheck>
   <groupSet>
    <item><groupId>sg-{H(i%9,6)}</groupId><groupName>web &amp; ssh</groupName></item>
    <item><groupId>sg-{H(i%9,7)}</groupId><groupName>default</groupName></item>
   </groupSet>
   <architecture>x86_64</architecture>
   <rootDeviceType>ebs</rootDeviceType>
   <rootDeviceName>/dev/xvda</rootDeviceName>
   <blockDeviceMapping>
    <item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-{H(i,8)}</volumeId><status>attached</status><attachTime>{t}</attachTime><deleteOnTermination>true</deleteOnTermination></ebs></item>
   </blockDeviceMapping>
   <virtualizationType>hvm</virtualizationType>
   <clientToken>{H(i,9)}{H(i,10)}</clientToken>
   <tagSet>
    <item><key>Name</key><value>web-{i:05d}.prod.example.com</value></item>
    <item><key>env</key><value>prod</value></item>
    <item><key>aws:autoscaling:groupName</key><value>web-asg-{i%20}</value></item>
   </tagSet>
   <hypervisor>xen</hypervisor>
   <networkInterfaceSet>
    <item>
     <networkInterfaceId>eni-{H(i,11)}</networkInterfaceId><subnetId>subnet-{H(i%6,4)}</subnetId><vpcId>vpc-{H(0,5)}</vpcId><description/><ownerId>123456789098</ownerId><status>in-use</status><macAddress>0e:27:{i>>16&255:02x}:{i>>8&255:02x}:{i&255:02x}:ab</macAddress><privateIpAddress>{ip}</privateIpAddress><privateDnsName>{d}</privateDnsName><sourceDestCheck>true</sourceDestCheck>
     <groupSet><item><groupId>sg-{H(i%9,6)}</groupId><groupName>web &amp; ssh</groupName></item></groupSet>
     <attachment><attachmentId>eni-attach-{H(i,12)}</attachmentId><deviceIndex>0</deviceIndex><status>attached</status><attachTime>{t}</attachTime><deleteOnTermination>true</deleteOnTermination></attachment>
     <privateIpAddressesSet><item><privateIpAddress>{ip}</privateIpAddress><privateDnsName>{d}</privateDnsName><primary>true</primary></item></privateIpAddressesSet>
    </item>
   </networkInterfaceSet>
   <ebsOptimized>false</ebsOptimized>
   <metadataOptions><state>applied</state><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint></metadataOptions>
  </item>
 </instancesSet>
</item>
"""


print('<?xml version="1.0" encoding="UTF-8"?>\n<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">\n'
      '<requestId>ec0d2a7d-5080-4f4b-9b02-cb0d5d2d4274</requestId>\n<reservationSet>')
for i in range(int(sys.argv[1])):
    sys.stdout.write(inst(i))
print('</reservationSet>\n</DescribeInstancesResponse>')
