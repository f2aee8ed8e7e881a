/**
 * A second reading of RFC 9112, short and slow, on strings and patterns: what the parser is compared with. It knows
 * nothing of pieces, offsets or limits.
 */
export interface ReferenceMessage {
  method: string
  target: string
  fields: [string, string][]
  contentLength: number
  keepAlive: boolean
}

/** `null`: the bytes hold no whole head. `'error'`: they do, and it is to be refused. */
export function referenceHead(text: string): ReferenceMessage | 'error' | null {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [requestLine, ...lines] = text.slice(0, end).split('\r\n')
  const start = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([^\x00-\x20"<>#\x7f-\xff]+) HTTP\/1\.([0-9])$/.exec(
    requestLine!,
  )
  if (start === null) return 'error'
  const [, method, target, minor] = start as unknown as [string, string, string, string]
  const fields: [string, string][] = []
  for (const line of lines) {
    const field = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line)
    if (field === null) return 'error'
    fields.push([field[1]!.toLowerCase(), field[2]!.replace(/[ \t]+$/, '')])
  }
  const all = (name: string) => fields.filter(([other]) => other === name).map(([, value]) => value)
  if (!formAllowed(method, target) || !hostsAllowed(all('host'), minor)) return 'error'
  const contentLength = framing(all('content-length'), all('transfer-encoding'), minor)
  if (contentLength === null) return 'error'
  const options = all('connection').flatMap((value) =>
    value.split(',').map((option) => option.replace(/^[ \t]+|[ \t]+$/g, '').toLowerCase()),
  )
  const keepAlive = !options.includes('close') && (minor !== '0' || options.includes('keep-alive'))
  return { method, target, fields, contentLength, keepAlive }
}

const REG_NAME = "(?:[A-Za-z0-9\\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})"

function formAllowed(method: string, target: string): boolean {
  if (method === 'CONNECT') {
    const [, host, port] = /^(.*):([0-9]+)$/.exec(target) ?? []
    return host !== undefined && host !== '' && isHost(host) && Number(port) > 0 && Number(port) < 65_536
  }
  if (target.startsWith('/')) return true
  if (target === '*') return method === 'OPTIONS'
  const authority = /^https?:\/\/([^/?]+)/i.exec(target)?.[1]
  return authority !== undefined && isAuthority(authority) && !authority.startsWith(':')
}

function hostsAllowed(hosts: string[], minor: string): boolean {
  if (hosts.length === 0) return minor === '0'
  return hosts.length === 1 && (hosts[0] === '' || isAuthority(hosts[0]!))
}

function isAuthority(text: string): boolean {
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(:[0-9]*)?$/.exec(text) ?? []
  return host !== undefined && isHost(host) && !(host === '' && port !== undefined)
}

function isHost(host: string): boolean {
  if (!host.startsWith('[')) return new RegExp(`^${REG_NAME}*$`).test(host)
  const literal = host.slice(1, -1)
  if (!host.endsWith(']')) return false
  if (/^[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+$/.test(literal)) return true
  // The URL parser of the platform is the second opinion about IPv6; it also takes what RFC 3986 does not.
  return (
    /^[0-9A-Fa-f:.]+$/.test(literal) &&
    !/(^|[:.])0\d*\./.test(literal.replace(/(^|[:.])0(?=\.)/g, '$1')) &&
    URL.canParse(`http://${host}/`)
  )
}

function framing(lengths: string[], codings: string[], minor: string): number | null {
  if (codings.length > 0) {
    return lengths.length === 0 && minor !== '0' && codings.length === 1 && /^chunked$/i.test(codings[0]!)
      ? -1
      : null
  }
  if (lengths.length === 0) return 0
  if (lengths.length > 1 || !/^[0-9]+$/.test(lengths[0]!) || BigInt(lengths[0]!) > 2n ** 53n - 1n) return null
  return Number(lengths[0])
}

const EXTENSION =
  '(?:[ \\t]*;[ \\t]*[!#$%&\'*+\\-.^_`|~0-9A-Za-z]+(?:[ \\t]*=[ \\t]*(?:[!#$%&\'*+\\-.^_`|~0-9A-Za-z]+|"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"))?)*'
const CHUNK_LINE = new RegExp(`^([0-9A-Fa-f]{1,16})${EXTENSION}\\r\\n`)

/** The data of a chunked body up to and including its last chunk; `null` if it is cut off or wrong. */
export function referenceChunks(text: string): { data: string; length: number } | null {
  let data = ''
  let at = 0
  for (;;) {
    const line = CHUNK_LINE.exec(text.slice(at))
    if (line === null) return null
    const size = Number.parseInt(line[1]!, 16)
    at += line[0].length
    if (size === 0) return { data, length: at }
    if (text.slice(at + size, at + size + 2) !== '\r\n') return null
    data += text.slice(at, at + size)
    at += size + 2
  }
}
