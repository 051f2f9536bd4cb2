/** @file Whom an address stands for. */

/** The network that an address of IPv6 is one of, for a machine has as many of those as it likes; another address as it is. */
export function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  return address.split(':').slice(0, 4).join(':');
}
