import { isIP } from 'node:net'
import { normalizeAddress } from './address-set.ts'

/**
 * The nodes of an X-Forwarded-For value, the nearest last. An entry that names no address is null:
 * `unknown`, an empty one, anything else.
 */
export function parseXForwardedFor(value: string): (string | null)[] {
  return value.split(',').map((entry) => nodeAddress(entry.trim()))
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
// qdtext and quoted-pair (RFC 9110 §5.6.4), of characters that a node or a host can have.
const QUOTED = /"((?:[\t !#-[\]-~]|\\[\t -~])*)"/y
const SPACE = /[\t ]*/y

/**
 * The `for` nodes of a Forwarded value (RFC 7239 §4), the nearest last; null for an element
 * without an address. The whole is null when any of it breaks the grammar: a quotation mark that
 * a client left open would swallow what the proxies behind it appended.
 */
export function parseForwarded(value: string): (string | null)[] | null {
  const nodes: (string | null)[] = []
  let at = 0
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    const match = pattern.exec(value)
    if (match === null) return null
    at = pattern.lastIndex
    return match[1] ?? match[0]
  }
  let node: string | null = null
  for (;;) {
    take(SPACE)
    const name = take(TOKEN)
    if (name !== null) {
      if (value[at++] !== '=') return null
      const quoted = take(QUOTED)
      const text = quoted === null ? take(TOKEN) : quoted.replace(/\\(.)/g, '$1')
      if (text === null) return null
      // Parameter names are case-insensitive (§4).
      if (name.toLowerCase() === 'for') node = nodeAddress(text)
    }
    take(SPACE)
    const separator = value[at++]
    if (separator === ';') continue
    if (separator !== undefined && separator !== ',') return null
    nodes.push(node)
    node = null
    if (separator === undefined) return nodes
  }
}

// node = nodename [ ":" node-port ] (RFC 7239 §6), IPv6 in brackets; X-Forwarded-For also has it bare.
const BRACKETED = /^\[([^\]]*)\](?::[\w.-]+)?$/
const WITH_PORT = /^([^:]*):[\w.-]+$/

function nodeAddress(node: string): string | null {
  const address = BRACKETED.exec(node)?.[1] ?? WITH_PORT.exec(node)?.[1] ?? node
  return isIP(address) === 0 ? null : normalizeAddress(address)
}
