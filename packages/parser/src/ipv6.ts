const GROUPS = 8
const GROUP = /^[0-9a-f]{1,4}$/i
/** Four numbers from 0 to 255 without leading zeros, with dots between them: the room of two groups. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** IPv6address (RFC 3986 §3.2.2): eight groups, one run of them may be "::", the last two may be IPv4. */
export function isIPv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const parts = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = parts.pop() ?? '0'
  const isIPv4 = !text.endsWith(':') && IPV4.test(last)
  if (!(isIPv4 || GROUP.test(last)) || !parts.every((part) => GROUP.test(part))) return false
  const groups = text === '::' ? 0 : parts.length + (isIPv4 ? 2 : 1)
  return halves.length === 2 ? groups < GROUPS : groups === GROUPS
}
