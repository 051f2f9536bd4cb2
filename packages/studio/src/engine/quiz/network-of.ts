/** @file Whom an address stands for. */

/** Groups of an address of IPv6, and those that name its network. */
const [GROUPS, OWN] = [8, 4] as const;

/**
 * The network (/64) that an address of IPv6 is one of, for a machine has as many of those as it likes; another address as it is.
 *
 * @param address as Node tells it: a run of zeros may be left out, and a zone may follow
 */
export function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [groups = ''] = address.split('%');
  const [head = '', tail] = groups.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const left = tail === undefined ? 0 : Math.max(0, GROUPS - before.length - after.length);
  return [...before, ...Array.from({ length: left }, () => '0'), ...after].slice(0, OWN).join(':');
}
