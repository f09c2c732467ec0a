import { BlockList, isIP } from 'node:net';

/** Of the registries of special-purpose addresses (RFC 6890 and IANA's), what is not anybody's public server. */
const special4: readonly [network: string, prefix: number, what: string][] = [
  ['0.0.0.0', 8, 'this network'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'shared by a provider'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local, where clouds keep their metadata'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'of a protocol'],
  ['192.0.2.0', 24, 'for documentation'],
  ['192.88.99.0', 24, 'of a relay'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'for measurements'],
  ['198.51.100.0', 24, 'for documentation'],
  ['203.0.113.0', 24, 'for documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
  // Public by its number, but each machine of Azure reaches its own host by it.
  ['168.63.129.16', 32, "a cloud's metadata"],
];

/** Within 2000::/3; what lies outside is loopback, private, link-local, mapped, multicast or unassigned. */
const special6: readonly [network: string, prefix: number, what: string][] = [
  ['2001::', 23, 'of a protocol'],
  ['2001:db8::', 32, 'for documentation'],
  // An address of version 4, private ones too, is inside.
  ['2002::', 16, 'of a relay'],
  ['3fff::', 20, 'for documentation'],
];

const lists4 = special4.map(([network, prefix, what]) => ({ list: subnet(network, prefix, 'ipv4'), what }));
const lists6 = special6.map(([network, prefix, what]) => ({ list: subnet(network, prefix, 'ipv6'), what }));
const global6 = subnet('2000::', 3, 'ipv6');

/** What an address is besides a public one; null for a public one. */
export function refusalOfAddress(address: string): string | null {
  switch (isIP(address)) {
    case 4:
      return lists4.find(({ list }) => list.check(address, 'ipv4'))?.what ?? null;
    case 6:
      if (address.includes('%') || !global6.check(address, 'ipv6')) return 'not public';
      return lists6.find(({ list }) => list.check(address, 'ipv6'))?.what ?? null;
    default:
      return 'no address';
  }
}

function subnet(network: string, prefix: number, family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return list;
}
